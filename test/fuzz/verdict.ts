import type { Access } from '../../src/api/http/route.ts';
import { services } from '../../src/api/services.ts';
import { MAX_MESSAGE } from '../../src/model/failure.ts';
import { CANARY } from './fuzzed-cloud.ts';
import type { RandomRequest } from './random-request.ts';
import type { TokenKind } from './token-kinds.ts';

/**
 * Bytes of an error's body: its text, of which JSON may need six bytes for a character, and what stands
 * around it.
 */
const MAX_ERROR_BYTES = 6 * MAX_MESSAGE + 1_024;
/** Bytes of any other body: a page of a thousand small things. */
const MAX_BODY_BYTES = 4 * 1024 * 1024;

/** The answer to a request, as far as it is judged. */
export interface JudgedAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly headers: string;
  readonly text: string;
}

/**
 * Forms of a route that differ by microversion differ in nothing that is judged: the most open one counts.
 */
const ACCESS: ReadonlyMap<string, readonly Access[]> = new Map(
  [...Map.groupBy(allRoutes(), ({ key }) => key)].map(([key, routes]) => [
    key,
    routes.map(({ access }) => access),
  ]),
);

function allRoutes() {
  return services().flatMap(({ prefix, routes }) =>
    routes.map(({ method, path, action, access }) => ({
      key: [`${method} ${prefix}${path}`, ...(action === undefined ? [] : [action])].join(' '),
      access,
    })),
  );
}

const WITHOUT_RIGHTS: readonly TokenKind[] = ['none', 'garbage', 'long', 'revoked', 'disabled'];

/** @returns what is wrong with an answer, a sentence each */
export function faultsOf(request: RandomRequest, answer: JudgedAnswer, folder: string): string[] {
  const { status, text, headers } = answer;
  const faults: string[] = [];
  if (status >= 500 && status !== 501) faults.push(`status ${status}`);
  const bytes = Buffer.byteLength(text);
  if (bytes > (status >= 400 ? MAX_ERROR_BYTES : MAX_BODY_BYTES)) faults.push(`a body of ${bytes} bytes`);
  if (request.token !== 'admin' && `${text}${headers}`.includes(CANARY))
    faults.push("it shows what is the victim's");
  if (text.includes(folder)) faults.push('it shows a path of the host');
  if (status >= 200 && status < 300 && !mayUse(request))
    faults.push(`a token of kind ${request.token} was let in`);
  if (answer.contentType.startsWith('application/json') && text !== '' && !isJson(text))
    faults.push('it is no JSON');
  return faults;
}

function mayUse({ route, token }: RandomRequest): boolean {
  const allowed = ACCESS.get(route) ?? ['anybody'];
  if (allowed.includes('anybody')) return true;
  if (WITHOUT_RIGHTS.includes(token)) return false;
  if (token === 'unscoped') return allowed.includes('token');
  if (token === 'reader') return allowed.some((access) => access === 'token' || access === 'reader');
  return token === 'admin' || allowed.some((access) => access !== 'admin');
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
