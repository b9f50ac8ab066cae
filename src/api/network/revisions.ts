import type { TObject } from 'typebox';
import { Failure } from '../../model/failure.ts';
import { forbidden } from '../http/access.ts';
import type { RequestContext } from '../http/route.ts';
import type { Reading, Resource, Row, Writing } from './resource.ts';
import { requireVisible } from './resource-page.ts';

/** How often a change is made again when another request was faster. */
const TRIES = 5;

/** What the store says of a write that named an old generation. */
const STALE = 'StaleRevision';

type Asked = RequestContext<{ readonly id: string }>;

/**
 * Changes a row that the caller owns. Without `If-Match` the change is made on what the row is by then,
 * however many others change it.
 * @throws {Failure} `not-found`, `forbidden`, `precondition-failed`
 */
export async function changeOwn<R extends Row>(
  resource: Resource<R, TObject, TObject>,
  context: Asked,
  of: { readonly policy: string; change(at: Writing, row: R): Promise<R> },
): Promise<R> {
  const { caller, parts } = context;
  for (let tried = 1; ; tried++) {
    try {
      return await parts.store.lockingTransaction(async (store) => {
        const at = { store, caller, config: parts.config, now: parts.now() };
        return of.change(at, await requireOwn(resource, at, { context, policy: of.policy }));
      });
    } catch (error) {
      if (!(error instanceof Failure && error.type === STALE) || tried === TRIES) throw error;
    }
  }
}

/**
 * The row that the path names, if the caller may change it and it is at the revision that the request names.
 * @throws {Failure} `not-found` when the caller may not see it, `forbidden`, `precondition-failed`
 */
export async function requireOwn<R extends Row>(
  resource: Resource<R, TObject, TObject>,
  at: Reading,
  of: {
    readonly context: Asked;
    readonly policy: string;
    readonly may?: Resource<R, TObject, TObject>['isOwn'];
  },
): Promise<R> {
  const { context, policy, may = resource.isOwn } = of;
  const row = await requireVisible(resource, at, context.params.id);
  if (!(await may(at, row))) throw forbidden(policy, 'network');
  requireRevision(context.request.headers['if-match'], row.generation);
  return row;
}

/**
 * `If-Match: revision_number=3` (neutron/api/api_common.py check_request_for_revision_constraint,
 * neutron/services/revisions/revision_plugin.py RevisionNumberConstraintFailed).
 * @throws {Failure} `invalid`, `precondition-failed`
 */
function requireRevision(header: string | undefined, current: number): void {
  const named = (header ?? '')
    .split(',')
    .map((tag) => tag.trim().replace(/^"(.*)"$/, '$1'))
    .filter((tag) => tag.startsWith('revision_number='));
  const [first] = named;
  if (first === undefined) return;
  if (named.length > 1) throw badMatch('Multiple revision_number etags are not supported');
  const expected = /^revision_number=(\d{1,15})$/.exec(first)?.[1];
  if (expected === undefined)
    throw badMatch('Revision number etag must be in the format of revision_number=<int>');
  if (Number(expected) !== current)
    throw new Failure(
      'precondition-failed',
      `Constrained to ${Number(expected)}, but current revision is ${current}`,
      { type: 'RevisionNumberConstraintFailed' },
    );
}

function badMatch(why: string): Failure {
  return new Failure('invalid', `Bad if-match request: ${why}.`, { type: 'BadRequest' });
}
