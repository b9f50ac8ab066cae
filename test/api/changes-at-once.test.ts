import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Asked } from './cloud-under-test.ts';
import { onEachStore, type ReplicatedCloud } from './replicated-cloud.ts';

const EIGHT = 8;
const PATCH = { 'content-type': 'application/openstack-images-v2.1-json-patch' };
const KEYS = Array.from({ length: EIGHT }, (_, index) => `key-${index}`);

/** What is changed by eight requests at once, each of which adds one key; and how the keys are read back. */
interface Changed {
  readonly what: string;
  readonly status: number;
  readonly change: (key: string) => Asked;
  readonly read: string;
  // biome-ignore lint/suspicious/noExplicitAny: what a test reads of a body is checked by the test
  readonly keys: (body: any) => readonly string[];
}

onEachStore('changes by eight at once all succeed in turn', [], (the) => {
  async function everyChange({ cloud }: ReplicatedCloud): Promise<Changed[]> {
    const { admin, member } = cloud;
    const server = await cloud.server({ metadata: { before: 'yes' } });
    const named = { token: admin, version: '2.60' };
    const add = async (path: string, body: object) =>
      (await cloud.ask({ method: 'POST', path, ...named, body })).body;
    const { aggregate } = await add('/compute/v2.1/os-aggregates', { aggregate: { name: 'all' } });
    const { id: image } = await add('/image/v2/images', { name: 'changed' });
    const { user } = await add('/identity/v3/users', { user: { name: 'changed' } });
    const of = (method: string, path: string, body?: unknown): Asked => ({ method, path, ...named, body });
    const [of_server, of_image] = [`/compute/v2.1/servers/${server}`, `/image/v2/images/${image}`];
    const of_aggregate = `/compute/v2.1/os-aggregates/${aggregate.id}`;
    const of_project = `/identity/v3/projects/${member.projectId}`;
    const patch = (key: string) => [{ op: 'add', path: `/${key}`, value: 'yes' }];
    return [
      { what: "a server's metadata", status: 200, read: of_server, keys: ({ server }) => Object.keys(server.metadata), change: (key) => of('POST', `${of_server}/metadata`, { metadata: { [key]: 'yes' } }) },
      { what: "a server's metadata items", status: 200, read: of_server, keys: ({ server }) => Object.keys(server.metadata), change: (key) => of('PUT', `${of_server}/metadata/${key}`, { meta: { [key]: 'no' } }) },
      { what: "a server's tags", status: 201, read: of_server, keys: ({ server }) => server.tags, change: (key) => of('PUT', `${of_server}/tags/${key}`) },
      { what: "an aggregate's metadata", status: 200, read: of_aggregate, keys: ({ aggregate }) => Object.keys(aggregate.metadata), change: (key) => of('POST', `${of_aggregate}/action`, { set_metadata: { metadata: { [key]: 'yes' } } }) },
      { what: "a flavor's extra specs", status: 200, read: '/compute/v2.1/flavors/small/os-extra_specs', keys: (body) => Object.keys(body.extra_specs), change: (key) => of('POST', '/compute/v2.1/flavors/small/os-extra_specs', { extra_specs: { [key]: 'yes' } }) },
      { what: "an image's tags", status: 204, read: of_image, keys: ({ tags }) => tags, change: (key) => of('PUT', `${of_image}/tags/${key}`) },
      { what: "an image's properties", status: 200, read: of_image, keys: (body) => Object.keys(body), change: (key) => ({ ...of('PATCH', of_image, patch(key)), headers: PATCH }) },
      { what: "an image's members", status: 200, read: `${of_image}/members`, keys: ({ members }) => members.map(({ member_id }: { member_id: string }) => member_id), change: (key) => of('POST', `${of_image}/members`, { member: key }) },
      { what: "a project's tags", status: 201, read: of_project, keys: ({ project }) => project.tags, change: (key) => of('PUT', `${of_project}/tags/${key}`) },
      { what: "a user's own keys", status: 200, read: `/identity/v3/users/${user.id}`, keys: ({ user }) => Object.keys(user), change: (key) => of('PATCH', `/identity/v3/users/${user.id}`, { user: { [key]: 'yes' } }) },
    ]; // biome-ignore format: one line each
  }

  test('for every thing that has keys, none of which is lost', async () => {
    const { cloud } = the();
    for (const { what, status, change, read, keys } of await everyChange(the())) {
      const answers = await the().atOnce(EIGHT, (index) => change(KEYS[index]!));
      assert.deepEqual(
        answers.map((answer) => answer.status),
        KEYS.map(() => status),
        `${what}: ${answers.map(({ text }) => text).join()}`,
      );
      const { body } = await cloud.ask({ path: read, token: cloud.admin, version: '2.60' });
      const left = keys(body);
      assert.deepEqual(
        KEYS.filter((key) => !left.includes(key)),
        [],
        what,
      );
    }
  });

  test('for the projects that may use a flavor, and for the quotas of one project', async () => {
    const { cloud } = the();
    const named = { token: cloud.admin };
    const flavor = {
      name: 'closed',
      id: 'closed',
      ram: 1,
      vcpus: 1,
      disk: 1,
      'os-flavor-access:is_public': false,
    };
    await cloud.compute('POST', '/flavors', { ...named, body: { flavor } });
    const projects: string[] = [];
    for (const name of KEYS) {
      const made = await cloud.ask({
        method: 'POST',
        path: '/v3/projects',
        ...named,
        body: { project: { name } },
      });
      projects.push(made.body.project.id);
    }
    const path = '/compute/v2.1/flavors/closed/action';
    const opened = await the().atOnce(EIGHT, (index) => ({
      method: 'POST',
      path,
      ...named,
      body: { addTenantAccess: { tenant: projects[index] } },
    }));
    assert.deepEqual(
      opened.map(({ status }) => status),
      KEYS.map(() => 200),
    );
    const access = await cloud.compute('GET', '/flavors/closed/os-flavor-access', named);
    assert.equal(access.body.flavor_access.length, EIGHT);

    const names = [
      'instances',
      'cores',
      'ram',
      'metadata_items',
      'key_pairs',
      'server_groups',
      'server_group_members',
      'injected_files',
    ];
    const quota = `/compute/v2.1/os-quota-sets/${projects[0]}`;
    const set = await the().atOnce(EIGHT, (index) => ({
      method: 'PUT',
      path: quota,
      ...named,
      body: { quota_set: { [names[index]!]: 1000 + index } },
    }));
    assert.deepEqual(
      set.map(({ status }) => status),
      names.map(() => 200),
    );
    const { body } = await cloud.ask({ path: quota, ...named });
    assert.deepEqual(
      names.map((name) => body.quota_set[name]),
      names.map((_, index) => 1000 + index),
    );
  });

  test('for what is changed of one service', async () => {
    const { cloud } = the();
    const named = { token: cloud.admin, version: '2.60' };
    const services = await cloud.compute('GET', '/os-services', named);
    const path = `/compute/v2.1/os-services/${services.body.services.find(({ binary }: { binary: string }) => binary === 'nova-compute').id}`;
    for (let round = 0; round < 3; round++) {
      const bodies = [{ status: 'disabled' }, { forced_down: true }];
      const answers = await the().atOnce(2, (index) => ({
        method: 'PUT',
        path,
        ...named,
        body: bodies[index],
      }));
      assert.deepEqual(
        answers.map(({ status }) => status),
        [200, 200],
      );
      const { body } = await cloud.compute('GET', '/os-services', named);
      const service = body.services.find(({ binary }: { binary: string }) => binary === 'nova-compute');
      assert.deepEqual([service.status, service.forced_down], ['disabled', true]);
      await cloud.ask({ method: 'PUT', path, ...named, body: { status: 'enabled', forced_down: false } });
    }
  });

  test('for whole updates of one server: the last of them stands', async () => {
    const { cloud } = the();
    const path = `/compute/v2.1/servers/${await cloud.server()}`;
    const named = { token: cloud.member.token, version: '2.60' };
    const renames = await the().atOnce(EIGHT, (index) => ({
      method: 'PUT',
      path,
      ...named,
      body: { server: { name: KEYS[index], description: KEYS[index] } },
    }));
    assert.deepEqual(
      renames.map(({ status }) => status),
      KEYS.map(() => 200),
    );
    const { body } = await cloud.ask({ path, ...named });
    assert.ok(KEYS.includes(body.server.name));
    assert.equal(body.server.description, body.server.name);
  });
});
