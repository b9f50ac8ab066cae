import { Failure } from '../../model/failure.ts';
import type { Caller } from '../../model/identity.ts';

/** Keystone's only answer to bad credentials: it must not reveal which part was wrong. */
export function unauthenticated(): Failure {
  return new Failure('unauthenticated', 'The request you have made requires authentication.');
}

/** @throws {Failure} `forbidden`, with Keystone's text, unless the caller is an administrator or `allowed` */
export function mustBeAllowed(caller: Caller, policy: string, allowed: boolean): void {
  if (caller.isAdmin || allowed) return;
  throw new Failure('forbidden', `You are not authorized to perform the requested action: ${policy}.`);
}

/** The resource, if it exists. @throws {Failure} `not-found`, with Keystone's text */
export function found<T>(thing: T | undefined, noun: string, id: string): T {
  if (thing === undefined) throw new Failure('not-found', `Could not find ${noun}: ${id}.`);
  return thing;
}

/** Runs an insert or update. @throws {Failure} `conflict`, with Keystone's text, when the name is in use */
export async function unlessTaken<T>(noun: string, name: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (thrown) {
    if (!(thrown instanceof Failure) || thrown.kind !== 'conflict') throw thrown;
    const rule = `it is not permitted to have two ${noun}s with the same name or id`;
    throw new Failure('conflict', `Conflict occurred attempting to store ${noun} - ${rule}: ${name}.`);
  }
}
