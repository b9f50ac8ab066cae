import { randomUUID } from 'node:crypto';
import { found } from './refusals.ts';

const ID = /^[a-zA-Z0-9_-]{1,64}$/;

/** A new id in Keystone's form: 32 hex digits. */
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
 * The resource with that id. Clients also try names here, and rely on 404.
 * @throws {Failure} `not-found`, with Keystone's text
 */
export async function lookUp<T>(
  rows: { find(id: string): Promise<T | undefined> },
  noun: string,
  id: string,
): Promise<T> {
  return found(await findById(rows, id), noun, id);
}
