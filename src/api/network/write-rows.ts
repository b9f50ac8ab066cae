import type { Static, TObject } from 'typebox';
import type { RequestContext } from '../http/route.ts';
import { converted } from './converted.ts';
import { Affected } from './hosts-follow.ts';
import { type Resource, type Row, writing } from './resource.ts';
import { changeOwn, requireOwn } from './revisions.ts';

type Of<R extends Row> = Resource<R, TObject, TObject>;
type OfOne = RequestContext<{ readonly id: string }>;

/** Makes rows of a resource, all or none; hosts follow. @throws {Failure} */
export async function makeRows<R extends Row>(
  resource: Of<R>,
  context: RequestContext,
  asked: readonly Static<TObject>[],
): Promise<R[]> {
  const { rows, affected } = await context.parts.store.lockingTransaction(async (store) => {
    const at = writing(context, store);
    const made = { rows: [] as R[], affected: new Affected() };
    for (const fields of asked) {
      const row = await resource.insert(at, converted(resource.create, fields));
      await made.affected.add(resource, at, row);
      made.rows.push(row);
    }
    return made;
  });
  affected.follow(context);
  return rows;
}

/** Changes the row that the request names, if the caller owns it; hosts follow. @throws {Failure} */
export async function changeRow<R extends Row>(
  resource: Of<R>,
  context: OfOne,
  fields: Static<TObject>,
): Promise<R> {
  let affected = new Affected();
  const after = await changeOwn(resource, context, {
    policy: `update_${resource.name}`,
    change: async (at, row) => {
      affected = new Affected();
      await affected.add(resource, at, row);
      const changed = (await resource.change?.(at, row, fields)) ?? row;
      await affected.add(resource, at, changed);
      return changed;
    },
  });
  affected.follow(context);
  return after;
}

/** Deletes the row that the request names, if the caller may; hosts follow. @throws {Failure} */
export async function removeRow<R extends Row>(resource: Of<R>, context: OfOne): Promise<void> {
  const affected = await context.parts.store.lockingTransaction(async (store) => {
    const at = writing(context, store);
    const may = resource.mayDelete ?? resource.isOwn;
    const row = await requireOwn(resource, at, { context, policy: `delete_${resource.name}`, may });
    const touched = new Affected();
    await touched.add(resource, at, row);
    await resource.remove(at, row);
    return touched;
  });
  affected.follow(context);
}
