import type { TObject } from 'typebox';
import type { RequestContext } from '../http/route.ts';
import type { Reading, Resource, Row } from './resource.ts';

type Change = Awaited<ReturnType<NonNullable<Resource<Row, TObject, TObject>['affects']>>>;

/** Collects what hosts must follow of the writes of one transaction. */
export class Affected {
  readonly #changes: Change[] = [];

  /** Adds what a row affects as it is now. */
  async add<R extends Row>(resource: Resource<R, TObject, TObject>, at: Reading, row: R): Promise<void> {
    const change = await resource.affects?.(at, row);
    if (change !== undefined) this.#changes.push(change);
  }

  /** After the commit. */
  follow({ parts }: RequestContext): void {
    if (this.#changes.length === 0) return;
    const all = <Key extends keyof Change>(key: Key) => [
      ...new Set(this.#changes.flatMap((change) => [...(change[key] ?? [])])),
    ];
    parts.operations.refreshPorts({
      servers: all('servers') as NonNullable<Change['servers']>,
      groups: all('groups') as NonNullable<Change['groups']>,
      members: all('members') as NonNullable<Change['members']>,
      networks: all('networks') as NonNullable<Change['networks']>,
    });
  }
}
