import { hash } from 'node:crypto';
import type { ProjectId, UserId } from '../../model/ids.ts';
import type { Queries, Store } from '../../store/promise/store.ts';
import { DEFAULT_DOMAIN_ID } from './domains.ts';
import { DEFAULT_ROLES } from './implied-roles.ts';
import { newId } from './look-up.ts';
import { hashPassword, isHashOfNothing } from './password.ts';

/** The applicant in whose name the bootstrap hashes passwords. */
const BY = { address: '', user: 'bootstrap' } as const;
const ADMIN = { name: 'admin', domainId: DEFAULT_DOMAIN_ID } as const;

/**
 * Creates the resources that a cloud needs before its first request, as `keystone-manage bootstrap` does:
 * domain Default, project admin, user admin, the roles admin, member and reader. Existing resources stay
 * unchanged, including the password, except an empty one that an older release could store on a full disk.
 * @returns the ids of the project and the user `admin`, and whether this call created the user
 */
export async function bootstrapIdentity(
  store: Store,
  { adminPassword }: { readonly adminPassword: string; readonly now?: () => number },
): Promise<{ projectId: ProjectId; userId: UserId; madeAdmin: boolean }> {
  const [admin] = await store.identity.users.list(ADMIN);
  const isOpen = admin?.passwordHash != null && (await isOpenWith(store, admin.passwordHash));
  const passwordHash = admin === undefined || isOpen ? await hashPassword(adminPassword, BY) : null;
  return store.transaction(async ({ identity }) => {
    if ((await identity.domains.find(DEFAULT_DOMAIN_ID)) === undefined)
      await identity.domains.insert({
        id: DEFAULT_DOMAIN_ID,
        name: 'Default',
        description: 'The default domain',
        enabled: true,
      });
    const roleId = await ensureRoles(identity);
    const projectId = await ensureProject(identity);
    const { userId, madeAdmin } = await ensureUser(identity, { passwordHash, projectId });
    if (isOpen) await identity.users.update(userId, { passwordHash });
    await identity.assign({ userId, projectId, roleId });
    return { projectId, userId, madeAdmin };
  });
}

/**
 * Whether a hash is that of the empty password. The store remembers a hash that is not: computing one takes a
 * twentieth of a start.
 */
async function isOpenWith({ secrets }: Store, passwordHash: string): Promise<boolean> {
  const name = `no-empty-password-${hash('sha256', passwordHash)}`;
  if ((await secrets.find(name)) !== undefined) return false;
  const isOpen = await isHashOfNothing(passwordHash, BY);
  if (!isOpen) await secrets.agree(name, 'true');
  return isOpen;
}

/** @returns the id of the role `admin` */
async function ensureRoles(identity: Queries['identity']): Promise<string> {
  const ids: Record<string, string> = {};
  for (const name of DEFAULT_ROLES) {
    const [role] = await identity.roles.list({ name, domainId: null });
    const id = role?.id ?? newId();
    if (role === undefined) await identity.roles.insert({ id, name, domainId: null, description: null });
    ids[name] = id;
  }
  return ids.admin ?? '';
}

async function ensureProject(identity: Queries['identity']): Promise<ProjectId> {
  const [project] = await identity.projects.list(ADMIN);
  if (project !== undefined) return project.id;
  const id = newId() as ProjectId;
  const description = 'The project of the first administrator';
  await identity.projects.insert({ id, ...ADMIN, description, enabled: true, tags: [] });
  return id;
}

async function ensureUser(
  identity: Queries['identity'],
  of: { readonly passwordHash: string | null; readonly projectId: ProjectId },
): Promise<{ userId: UserId; madeAdmin: boolean }> {
  const [user] = await identity.users.list(ADMIN);
  if (user !== undefined) return { userId: user.id, madeAdmin: false };
  const id = newId() as UserId;
  await identity.users.insert({
    id,
    ...ADMIN,
    enabled: true,
    defaultProjectId: null,
    description: null,
    email: null,
    extra: {},
    passwordHash: of.passwordHash,
  });
  return { userId: id, madeAdmin: true };
}
