import type { Project } from '../../model/identity.ts';
import type { UserId } from '../../model/ids.ts';
import type { Store } from '../../store/promise/store.ts';

/** The projects on which a user has a role, sorted by name, without duplicates. */
export async function projectsOfUser(store: Store, userId: UserId): Promise<Project[]> {
  const assignments = await store.identity.assignments({ userId });
  const ids = [...new Set(assignments.map((assignment) => assignment.projectId))];
  const projects = await Promise.all(ids.map((id) => store.identity.projects.find(id)));
  return projects
    .filter((project) => project !== undefined)
    .sort((one, other) => (one.name < other.name ? -1 : one.name > other.name ? 1 : 0));
}
