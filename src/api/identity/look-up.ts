import { randomUUID } from 'node:crypto';
import { found } from './refusals.ts';

const ID = /^[a-zA-Z0-9_-]{1,64}$/;

/** A new id as Keystone makes them: 32 hex digits. */
export function newId(): string {
  return randomUUID().replaceAll('-', '');
}

/** As {@link lookUp}, or undefined. */
export async function findById<T>(
  rows: { find(id: string): Promise<T | undefined> },
  id: string,
): Promise<T | undefined> {
  return ID.test(id) ? rows.find(id) : undefined;
}

/**
 * The thing with that id. Clients also try names here, and count on 404.
 * @throws {Failure} `not-found`, in Keystone's words
 */
export async function lookUp<T>(
  rows: { find(id: string): Promise<T | undefined> },
  noun: string,
  id: string,
): Promise<T> {
  return found(await findById(rows, id), noun, id);
}
