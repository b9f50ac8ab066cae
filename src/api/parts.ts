import type { CountedCache } from '../model/cache-counts.ts';
import { RecentHostFacts } from './compute/servers/host-facts.ts';
import type { ApiDependencies } from './http/dependencies.ts';
import { PageCache } from './http/page-cache.ts';
import { TextCache } from './http/text-cache.ts';
import { createAuthenticator } from './identity/authenticate.ts';
import { CallerCache } from './identity/caller-cache.ts';
import { createTokenClearing } from './identity/expired-tokens.ts';

const MIB = 2 ** 20;

/**
 * The parts that are the API's own: its caches, sized by the configuration, and what checks tokens.
 * @param others caches of other parts, for those who read the counts
 */
export function createApiParts(
  parts: Pick<ApiDependencies, 'store' | 'config' | 'now'>,
  others: readonly CountedCache[],
): Pick<ApiDependencies, 'authenticator' | 'tokenClearing' | 'caches'> {
  const { max_cached_json: json, max_cached_tokens: tokens } = parts.config.api;
  const hostFacts = new RecentHostFacts(parts);
  const serverPages = new PageCache('server-pages', (json * MIB) / 2);
  const serverTexts = new TextCache('server-texts', (json * MIB) / 2);
  const callers = new CallerCache(tokens);
  return {
    authenticator: createAuthenticator({ ...parts, cache: callers }),
    tokenClearing: createTokenClearing(parts),
    caches: {
      ...{ hostFacts, serverPages, serverTexts },
      counted: [callers, hostFacts, serverPages, serverTexts, ...others],
    },
  };
}
