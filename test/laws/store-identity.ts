import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { it } from 'node:test';
import type { Assignment, Domain, Project, Role, Token, User } from '../../src/model/identity.ts';
import type { ProjectId, UserId } from '../../src/model/ids.ts';
import type { TheStore } from './store.ts';

const someId = () => randomUUID().replaceAll('-', '');
const domain = (): Domain => ({ id: someId(), name: someId(), description: '', enabled: true });
const project = (of: Domain, name = someId()): Project => ({
  id: someId() as ProjectId,
  name,
  domainId: of.id,
  description: 'd',
  enabled: true,
  tags: ['t'],
});
const user = (of: Domain, name = someId()): User => ({
  id: someId() as UserId,
  name,
  domainId: of.id,
  enabled: true,
  defaultProjectId: null,
  description: null,
  email: null,
  extra: { favourite: [1] },
  passwordHash: '$argon2id$',
});
const role = (domainId: string | null = null, name = someId()): Role => ({
  id: someId(),
  name,
  domainId,
  description: null,
});
const token = (of: User, scope: Project | null, expiresAt = 100): Token => ({
  hash: someId(),
  userId: of.id,
  projectId: scope?.id ?? null,
  methods: ['password'],
  auditIds: ['a', 'b'],
  issuedAt: 1,
  expiresAt,
});

/** Who may ask. */
export function storeIdentityLaws(the: TheStore): void {
  async function household() {
    const { identity } = the().store;
    const of = domain();
    const [home, who, may] = [project(of), user(of), role()];
    await identity.domains.insert(of);
    await identity.projects.insert(home);
    await identity.users.insert(who);
    await identity.roles.insert(may);
    const assignment: Assignment = { userId: who.id, projectId: home.id, roleId: may.id };
    await identity.assign(assignment);
    const given = token(who, home);
    await the().store.tokens.insert(given);
    return { of, home, who, may, assignment, given };
  }

  it('keeps each noun as it was written, and finds it by its filters', async () => {
    const { identity } = the().store;
    const { of, home, who, may } = await household();
    assert.deepEqual(await identity.domains.find(of.id), of);
    assert.deepEqual(await identity.projects.find(home.id), home);
    assert.deepEqual(await identity.users.find(who.id), who);
    assert.deepEqual(await identity.roles.list({ name: may.name }), [may]);
    assert.deepEqual(await identity.roles.list({ name: may.name, domainId: null }), [may]);
    assert.deepEqual(await identity.roles.list({ name: may.name, domainId: of.id }), []);
    assert.deepEqual(await identity.users.list({ domainId: of.id, name: who.name, enabled: true }), [who]);
    assert.deepEqual(await identity.users.list({ domainId: of.id, enabled: false }), []);
    assert.equal(await identity.users.find(someId()), undefined);
  });

  it('refuses an id or a name in its domain that is taken, and no other', async () => {
    const { identity } = the().store;
    const { of, home, who, may } = await household();
    const other = domain();
    await identity.domains.insert(other);
    await assert.rejects(identity.domains.insert({ ...domain(), name: of.name }), { kind: 'conflict' });
    await assert.rejects(identity.projects.insert(project(of, home.name)), { kind: 'conflict' });
    await assert.rejects(identity.users.insert({ ...user(of), id: who.id }), { kind: 'conflict' });
    await assert.rejects(identity.roles.insert(role(null, may.name)), { kind: 'conflict' });
    await identity.projects.insert(project(other, home.name));
    await identity.roles.insert(role(of.id, may.name));
  });

  it('changes the named fields, and refuses a name that is taken', async () => {
    const { identity } = the().store;
    const { of, home } = await household();
    const second = project(of);
    await identity.projects.insert(second);
    const changed = await identity.projects.update(home.id, { enabled: false, description: 'new' });
    assert.deepEqual(changed, { ...home, enabled: false, description: 'new' });
    assert.deepEqual(await identity.projects.list({ domainId: of.id, enabled: false }), [changed]);
    await assert.rejects(identity.projects.update(home.id, { name: second.name }), { kind: 'conflict' });
    assert.equal(await identity.projects.update(someId(), { enabled: true }), undefined);
  });

  it('assigns once, and says whether there was something to take away', async () => {
    const { identity } = the().store;
    const { assignment, who, home, may } = await household();
    await identity.assign(assignment);
    assert.deepEqual(await identity.assignments({ userId: who.id }), [assignment]);
    assert.deepEqual(await identity.assignments({ projectId: home.id, roleId: may.id }), [assignment]);
    assert.equal(await identity.unassign(assignment), true);
    assert.equal(await identity.unassign(assignment), false);
    const nobody = { ...assignment, userId: someId() as UserId };
    await assert.rejects(identity.assign(nobody), { kind: 'conflict' });
  });

  it('deletes with a thing its assignments and tokens', async () => {
    const { identity, tokens } = the().store;
    for (const what of ['users', 'projects', 'domains', 'roles'] as const) {
      const house = await household();
      const kept = await household();
      const id = { users: house.who, projects: house.home, domains: house.of, roles: house.may }[what].id;
      assert.equal(await identity[what].delete(id), true);
      assert.equal(await identity[what].delete(id), false);
      assert.deepEqual(await identity.assignments({ userId: house.who.id }), [], what);
      const token = await tokens.find(house.given.hash);
      assert.equal(token === undefined, what !== 'roles', what);
      assert.deepEqual(await identity.assignments({ userId: kept.who.id }), [kept.assignment]);
      assert.deepEqual(await tokens.find(kept.given.hash), kept.given);
    }
  });

  it('counts the wrong passwords of a user, until they are cleared or the user goes', async () => {
    const { identity, failedLogins } = the().store;
    const [{ who }, { who: other }] = [await household(), await household()];
    assert.equal(await failedLogins.of(who.id), undefined);
    await Promise.all([10, 20, 20].map((at) => failedLogins.add(who.id, at)));
    await failedLogins.add(other.id, 5);
    await failedLogins.add(who.id, 30);
    assert.deepEqual(await failedLogins.of(who.id), { count: 4, lastAt: 30 });
    await failedLogins.clear(who.id);
    assert.equal(await failedLogins.of(who.id), undefined);
    assert.deepEqual(await failedLogins.of(other.id), { count: 1, lastAt: 5 });
    await identity.users.delete(other.id);
    assert.equal(await failedLogins.of(other.id), undefined);
  });

  it('deletes the tokens of a project, and those of the users and for the projects of a domain', async () => {
    const { tokens } = the().store;
    const [house, guest, kept] = [await household(), await household(), await household()];
    const [unscoped, invited] = [token(house.who, null), token(guest.who, house.home)];
    await tokens.insert(unscoped);
    await tokens.insert(invited);
    const left = async () => {
      const all = [house.given, unscoped, invited, guest.given, kept.given];
      const found = await Promise.all(all.map(({ hash }) => tokens.find(hash)));
      return found.map((one) => one !== undefined);
    };
    await tokens.deleteOfProject(guest.home.id);
    assert.deepEqual(await left(), [true, true, true, false, true]);
    await tokens.deleteOfDomain(house.of.id);
    assert.deepEqual(await left(), [false, false, false, false, true]);
  });

  it('keeps tokens until they are deleted', async () => {
    const { tokens } = the().store;
    const { who, home, given } = await household();
    assert.deepEqual(await tokens.find(given.hash), given);
    await assert.rejects(tokens.insert(given), { kind: 'conflict' });
    const [unscoped, old] = [token(who, null, 1_000), token(who, home, 50)];
    await tokens.insert(unscoped);
    await tokens.insert(old);
    assert.equal(await tokens.deleteExpired(50), 1);
    assert.equal(await tokens.find(old.hash), undefined);
    assert.equal(await tokens.delete(given.hash), true);
    assert.equal(await tokens.delete(given.hash), false);
    await tokens.deleteOfUser(who.id);
    assert.equal(await tokens.find(unscoped.hash), undefined);
  });
}
