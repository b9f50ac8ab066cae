import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type CloudUnderTest, PASSWORD, startCloud } from '../api/cloud-under-test.ts';
import type { TOKEN_KINDS, TokenKind } from './token-kinds.ts';

/**
 * In everything that belongs to the victim: a name, a key, a value. Nobody but the victim and administrators
 * may ever read it.
 */
export const CANARY = `canary-${randomUUID().slice(0, 8)}`;

/** A request that names it gets the name back in its refusal: that shows nothing. */
const VICTIMS_KEY = 'key-of-the-victim';

type Pools = Record<string, string[]>;

/** A cloud with something of every kind in it, for requests to name. */
export class FuzzedCloud {
  readonly cloud: CloudUnderTest;
  readonly tokens: Readonly<Record<TokenKind, string | undefined>>;
  /** What administrators' requests name: nothing of the victim's, and no user or role that the run needs. */
  readonly spare: Pools;
  /** What everybody else's requests name: the victim's things too. */
  readonly everything: Pools;
  readonly #victim: { readonly token: string; readonly paths: readonly string[] };
  readonly #before: string;

  private constructor(made: {
    cloud: CloudUnderTest;
    tokens: FuzzedCloud['tokens'];
    pools: { spare: Pools; everything: Pools };
    victim: { token: string; paths: readonly string[] };
    before: string;
  }) {
    this.cloud = made.cloud;
    this.tokens = made.tokens;
    this.spare = made.pools.spare;
    this.everything = made.pools.everything;
    this.#victim = made.victim;
    this.#before = made.before;
  }

  static async start(): Promise<FuzzedCloud> {
    const cloud = await startCloud([['quota', 'key_pairs', '20']], ['cmp1', 'cmp2']);
    const tokens = await tokensOf(cloud);
    const pools = await poolsOf(cloud);
    const victim = await furnishVictim(cloud, pools.everything);
    const before = await seenBy(cloud, victim);
    return new FuzzedCloud({ cloud, tokens, pools, victim, before });
  }

  /** Makes up for what requests took away: hosts, flavors, quotas, an image and servers. */
  async restock(): Promise<void> {
    const { cloud } = this;
    const admin = cloud.admin;
    for (const host of ['cmp1', 'cmp2'])
      for (const change of [{ status: 'enabled' }, { forced_down: false }]) {
        const { body } = await cloud.compute('GET', `/os-services?host=${host}`, {
          token: admin,
          version: '2.53',
        });
        const path = `/os-services/${body.services[0].id}`;
        await cloud.compute('PUT', path, { token: admin, version: '2.53', body: change });
      }
    await cloud.compute('DELETE', `/os-quota-sets/${cloud.member.projectId}`, { token: admin });
    for (const id of ['small', 'large'])
      await cloud.compute('POST', '/flavors', {
        token: admin,
        body: { flavor: { id, name: id, ram: 64, vcpus: 1, disk: 1 } },
      });
    const servers = (await cloud.compute('GET', '/servers?limit=100')).body?.servers as
      | { id: string }[]
      | undefined;
    for (const { id } of (servers ?? []).slice(12)) await cloud.compute('DELETE', `/servers/${id}`);
    this.#keepFew();
    for (const token of [admin, cloud.member.token])
      for (let n = 0; n < 2; n++) await this.#moreServers(token);
  }

  async #moreServers(token: string): Promise<void> {
    const body = {
      server: { name: 'stock', flavorRef: 'small', imageRef: this.cloud.image, networks: 'none' },
    };
    const made = await this.cloud.compute('POST', '/servers', { token, body, version: '2.37' });
    if (made.status === 202) this.learn('server', made.body.server.id);
  }

  /** Adds an id that a request may name. */
  learn(noun: string, id: string): void {
    this.spare[noun]?.push(id);
    this.everything[noun]?.push(id);
  }

  /** What was there from the start stays named; of what came later, the latest. */
  #keepFew(): void {
    for (const pools of [this.spare, this.everything])
      for (const ids of Object.values(pools)) if (ids.length > 40) ids.splice(10, ids.length - 40);
  }

  /** All rows of the database, of all tables. */
  rows(): number {
    const database = new DatabaseSync(join(this.cloud.folder, 'nameplate.sqlite'), { readOnly: true });
    try {
      const tables = database.prepare("select name from sqlite_schema where type = 'table'").all();
      return tables.reduce(
        (sum, { name }) => sum + Number(database.prepare(`select count(*) as n from "${name}"`).get()?.n),
        0,
      );
    } finally {
      database.close();
    }
  }

  /** @returns what the victim saw of its own at first, and sees now */
  async victimView(): Promise<{ before: string; now: string }> {
    return { before: this.#before, now: await seenBy(this.cloud, this.#victim) };
  }

  /** @returns servers that are still in a passing state when all of them had time to come to rest */
  async restless(): Promise<string[]> {
    const { body } = await this.cloud.compute('GET', '/servers?all_tenants=1&limit=1000', {
      token: this.cloud.admin,
    });
    const found: string[] = [];
    for (const { id } of body.servers)
      await this.cloud.atRest(id).catch((error: Error) => found.push(error.message));
    return found;
  }
}

async function tokensOf(cloud: CloudUnderTest): Promise<FuzzedCloud['tokens']> {
  const { admin, member, stranger, reader } = cloud;
  const password = `password of ${CANARY}`;
  const passing = await newUser(cloud, { name: 'passing', password });
  const revoked = await login(cloud, passing.id, password);
  const removed = { method: 'DELETE', path: '/identity/v3/auth/tokens', token: admin };
  await cloud.ask({ ...removed, headers: { 'x-subject-token': revoked } });
  const unscoped = await login(cloud, passing.id, password);
  const off = await newUser(cloud, { name: 'off', password });
  const disabled = await login(cloud, off.id, password);
  const body = { user: { enabled: false } };
  await cloud.ask({ method: 'PATCH', path: `/identity/v3/users/${off.id}`, token: admin, body });
  const tokens = {
    ...{ none: undefined, garbage: 'gAAAAAB-not-a-token', long: 'x'.repeat(7_000) },
    ...{ revoked, unscoped, disabled, admin },
    ...{ reader: reader.token, member: member.token, stranger: stranger.token },
  };
  return tokens satisfies Record<(typeof TOKEN_KINDS)[number], string | undefined>;
}

async function newUser(cloud: CloudUnderTest, user: object): Promise<{ id: string }> {
  return (await cloud.ask({ method: 'POST', path: '/identity/v3/users', token: cloud.admin, body: { user } }))
    .body.user;
}

async function login(cloud: CloudUnderTest, id: string, password: string): Promise<string> {
  const body = { auth: { identity: { methods: ['password'], password: { user: { id, password } } } } };
  const answer = await cloud.ask({ method: 'POST', path: '/identity/v3/auth/tokens', body });
  return String(answer.headers.get('x-subject-token'));
}

async function poolsOf(cloud: CloudUnderTest): Promise<{ spare: Pools; everything: Pools }> {
  const { admin, image, member } = cloud;
  const made = async (noun: string, fields: object): Promise<string> => {
    const path = `/identity/v3/${noun}s`;
    return (await cloud.ask({ method: 'POST', path, token: admin, body: { [noun]: fields } })).body[noun].id;
  };
  const ids = async (path: string, list: string): Promise<string[]> =>
    (await cloud.compute('GET', path, { token: admin, version: '2.53' })).body[list].map(
      ({ id }: { id: string }) => id,
    );
  const spare: Pools = {
    server: [await cloud.server(), await cloud.server()],
    image: [image],
    flavor: ['small', 'large'],
    keypair: ['nobody-has-it'],
    project: [await made('project', { name: 'spare' })],
    user: [await made('user', { name: 'spare', password: PASSWORD })],
    role: [await made('role', { name: 'spare' })],
    domain: [await made('domain', { name: 'spare' })],
    host: ['cmp1', 'cmp2'],
    hypervisor: await ids('/os-hypervisors', 'hypervisors'),
    service: await ids('/os-services', 'services'),
    aggregate: ['1', '2', '3'],
    group: [randomUUID()],
    request: [`req-${randomUUID()}`],
    migration: ['1', '2'],
    version: ['v2.1', 'v2'],
    word: ['default', 'a', 'key', 'hw:unique_serial'],
  };
  const everything: Pools = Object.fromEntries(Object.entries(spare).map(([noun, all]) => [noun, [...all]]));
  everything.project!.push(member.projectId);
  everything.domain!.push('default');
  return { spare, everything };
}

/** A project of somebody else, with something of every kind, each with the canary in it. */
async function furnishVictim(cloud: CloudUnderTest, everything: Pools) {
  const { admin } = cloud;
  const body = { project: { name: `project-${CANARY}` } };
  const project = (await cloud.ask({ method: 'POST', path: '/identity/v3/projects', token: admin, body }))
    .body.project;
  const user = await newUser(cloud, {
    name: `user-${CANARY}`,
    password: PASSWORD,
    email: `${CANARY}@example.org`,
  });
  const roles = await cloud.ask({ path: '/identity/v3/roles?name=member', token: admin });
  const grant = `/identity/v3/projects/${project.id}/users/${user.id}/roles/${roles.body.roles[0].id}`;
  await cloud.ask({ method: 'PUT', path: grant, token: admin });
  const scoped = {
    identity: { methods: ['password'], password: { user: { id: user.id, password: PASSWORD } } },
    scope: { project: { id: project.id } },
  };
  const login = await cloud.ask({ method: 'POST', path: '/identity/v3/auth/tokens', body: { auth: scoped } });
  const token = String(login.headers.get('x-subject-token'));

  const image = (
    await cloud.ask({
      ...{ method: 'POST', path: '/image/v2/images', token },
      body: { name: `image-${CANARY}`, disk_format: 'raw', container_format: 'bare', note: CANARY },
    })
  ).body.id;
  const data = { 'content-type': 'application/octet-stream' };
  await cloud.ask({
    method: 'PUT',
    path: `/image/v2/images/${image}/file`,
    token,
    headers: data,
    body: CANARY,
  });
  const compute = (path: string, body: object) =>
    cloud.compute('POST', path, { token, body, version: '2.64' });
  const server = (
    await compute('/servers', {
      server: {
        name: `server-${CANARY}`,
        flavorRef: 'small',
        imageRef: image,
        networks: 'none',
        metadata: { note: CANARY },
      },
    })
  ).body.server.id;
  await cloud.atRest(server);
  await compute('/os-keypairs', {
    keypair: { name: VICTIMS_KEY, public_key: `ssh-ed25519 ${ED25519} ${CANARY}` },
  });
  const group = (
    await compute('/os-server-groups', { server_group: { name: `group-${CANARY}`, policy: 'affinity' } })
  ).body.server_group.id;
  for (const [noun, id] of Object.entries({
    project: project.id,
    user: user.id,
    image,
    server,
    group,
    keypair: VICTIMS_KEY,
  }))
    everything[noun]!.push(id, id, id);
  return {
    token,
    paths: [
      ...[
        `/compute/v2.1/servers/${server}`,
        `/compute/v2.1/os-keypairs/${VICTIMS_KEY}`,
        `/compute/v2.1/os-server-groups/${group}`,
      ],
      ...[`/image/v2/images/${image}`, `/image/v2/images/${image}/file`, `/image/v2/images/${image}/members`],
      ...[`/compute/v2.1/servers/${server}/os-instance-actions`, `/nameplate/v1/servers/${server}/serial`],
      `/identity/v3/users/${user.id}`,
    ],
  };
}

const ED25519 = 'AAAAC3NzaC1lZDI1NTE5AAAAIJfBvbkb0p0Xq9l4x2o0c8K7s0wDqCBo3yFxwq9mYk1v';

async function seenBy(
  cloud: CloudUnderTest,
  victim: { token: string; paths: readonly string[] },
): Promise<string> {
  const seen: string[] = [];
  for (const path of victim.paths) {
    const { status, text } = await cloud.ask({ path, token: victim.token });
    seen.push(`${path} ${status} ${text}`);
  }
  return seen.join('\n');
}
