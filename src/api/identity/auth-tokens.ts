import { Failure } from '../../model/failure.ts';
import { type RequestContext, type Route, route } from '../http/route.ts';
import { rootOf } from './catalog.ts';
import { clientOf } from './client-address.ts';
import { prove } from './credentials.ts';
import { AnyQuery, type QueryValues } from './filters.ts';
import { issueToken } from './issue-token.ts';
import { mustBeAllowed, unauthenticated } from './refusals.ts';
import { requestedScope } from './requested-scope.ts';
import { AuthBody } from './schemas.ts';
import { tokenShown } from './shapes.ts';
import { subjectOf, type TokenSubject } from './token-subject.ts';
import { hashOfToken } from './token-text.ts';
import { tokenView } from './token-view.ts';

type AnyAsk = Pick<
  RequestContext<unknown, QueryValues>,
  'base' | 'query' | 'request' | 'caller' | 'parts' | 'reply'
>;

/** Maximum bytes of the only body that is read without authentication: a password, a token, names. */
const MAX_AUTH_BODY = 32 * 1024;

/** POST, GET, HEAD, DELETE /v3/auth/tokens. */
export const authTokenRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/v3/auth/tokens',
    access: 'anybody',
    policy: 'identity:authenticate',
    summary: 'Issue a token',
    schemas: { query: AnyQuery, body: AuthBody },
    maxBody: MAX_AUTH_BODY,
    status: 201,
    response: tokenShown,
    handle: async (context) => {
      const { identity, scope } = context.body.auth;
      const proven = await prove({ ...context.parts, address: clientOf(context.request.ip) }, identity);
      const usable = await requestedScope(context.parts.store, proven.user, scope);
      const issued = await issueToken(context.parts, proven, usable);
      if (issued === undefined) throw unauthenticated();
      return answer(context, issued.text, issued.subject);
    },
  }),
  route({
    method: 'GET',
    path: '/v3/auth/tokens',
    access: 'token',
    policy: 'identity:validate_token',
    summary: 'Validate and show a token',
    schemas: { query: AnyQuery },
    status: 200,
    response: tokenShown,
    handle: async (context) => {
      const shown = await shownToken(context, 'identity:validate_token');
      return answer(context, shown.text, shown.subject);
    },
  }),
  route({
    method: 'HEAD',
    path: '/v3/auth/tokens',
    access: 'token',
    policy: 'identity:check_token',
    summary: 'Check a token',
    schemas: { query: AnyQuery },
    status: 200,
    response: 'nothing',
    handle: async (context) => {
      const shown = await shownToken(context, 'identity:check_token');
      context.reply.header('x-subject-token', shown.text);
    },
  }),
  route({
    method: 'DELETE',
    path: '/v3/auth/tokens',
    access: 'token',
    policy: 'identity:revoke_token',
    summary: 'Revoke a token',
    schemas: { query: AnyQuery },
    status: 204,
    handle: async (context) => {
      const { subject } = await shownToken(context, 'identity:revoke_token');
      await context.parts.store.tokens.delete(subject.token.hash);
      context.parts.authenticator.forget();
    },
  }),
];

function answer(context: AnyAsk, text: string, subject: TokenSubject) {
  context.reply.header('x-subject-token', text);
  return tokenView(subject, { root: rootOf(context.base), catalog: context.query.nocatalog === undefined });
}

/** The token in X-Subject-Token. Users may show their own tokens, administrators all. */
async function shownToken(context: AnyAsk, policy: string): Promise<{ text: string; subject: TokenSubject }> {
  const header = context.request.headers['x-subject-token'];
  const text = typeof header === 'string' ? header : '';
  const hash = hashOfToken(text);
  const token = hash === undefined ? undefined : await context.parts.store.tokens.find(hash);
  mustBeAllowed(context.caller, policy, token === undefined || token.userId === context.caller.userId);
  const subject = token && (await subjectOf(context.parts.store, token, context.parts.now()));
  if (subject === undefined) throw new Failure('not-found', 'Could not find token.');
  return { text, subject };
}
