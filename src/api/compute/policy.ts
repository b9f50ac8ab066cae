import type { Caller } from '../../model/identity.ts';
import { forbidden } from '../http/access.ts';

/** Requires that the caller belongs to the project, or is an administrator. @throws {Failure} `forbidden` */
export function requireSameProject(caller: Caller, projectId: string, rule: string): void {
  if (!caller.isAdmin && caller.projectId !== projectId) throw forbidden(rule);
}

/** As {@link requireSameProject}, for resources of a user. @throws {Failure} `forbidden` */
export function requireSameUser(caller: Caller, userId: string, rule: string): void {
  if (!caller.isAdmin && caller.userId !== userId) throw forbidden(rule);
}
