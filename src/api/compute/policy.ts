import type { Caller } from '../../model/identity.ts';
import { forbidden } from '../http/access.ts';

/**
 * For what a project's own people may see, and of other projects only administrators.
 * @throws {Failure} `forbidden`
 */
export function requireSameProject(caller: Caller, projectId: string, rule: string): void {
  if (!caller.isAdmin && caller.projectId !== projectId) throw forbidden(rule);
}

/** As {@link requireSameProject}, for what belongs to a user. @throws {Failure} `forbidden` */
export function requireSameUser(caller: Caller, userId: string, rule: string): void {
  if (!caller.isAdmin && caller.userId !== userId) throw forbidden(rule);
}
