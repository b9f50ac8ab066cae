import type { Static, TSchema } from 'typebox';
import type { Server } from '../../../../model/server.ts';
import type { Access, Ask } from '../../../http/route.ts';

/** One thing that `POST /servers/{id}/action` does, in one form. */
export interface ServerAction {
  /** The body's one key, e.g. `os-start`. */
  readonly key: string;
  readonly since?: `2.${number}`;
  readonly until?: `2.${number}`;
  readonly access: Access;
  readonly policy: string;
  readonly summary: string;
  /** What stands under the key; absent: anything, as for Nova's actions without a schema. */
  readonly schema?: TSchema;
  /** Status of success; 202 unless said. */
  readonly status?: number;
  handle(asked: AskedAction<unknown>): Promise<unknown>;
}

/** An action that was asked for, with its server and what stands under its key. */
export interface AskedAction<Wish> {
  readonly ask: Ask;
  readonly server: Server;
  readonly wish: Wish;
}

/** Writes an action down, its handler typed by its schema. */
export function action<const S extends TSchema = TSchema>(
  spec: Omit<ServerAction, 'schema' | 'handle'> & {
    readonly schema?: S;
    handle(asked: AskedAction<Static<S>>): Promise<unknown>;
  },
): ServerAction {
  return spec as unknown as ServerAction;
}
