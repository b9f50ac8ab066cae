import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { onEachStore } from './replicated-cloud.ts';

onEachStore('pages of lists', [], (the) => {
  const as = (token: string, path: string, version = '2.60') =>
    the().ask({ path: `/compute/v2.1${path}`, token, version });
  const statusOf = async (token: string, path: string) => (await as(token, path)).status;

  test('begin after nothing that the caller may not see, and after nothing deleted, as if it were not there', async () => {
    const { cloud } = the();
    const { admin, member, stranger } = cloud;
    const [own, gone] = [await cloud.server(), await cloud.server()];
    const server = { name: 's', flavorRef: 'small', imageRef: cloud.image };
    const other = await cloud.compute('POST', '/servers', { token: stranger.token, body: { server } });
    await cloud.compute('DELETE', `/servers/${gone}`);
    await cloud.atRest(gone);
    const secret = {
      name: 'secret',
      id: 'secret',
      ram: 1,
      vcpus: 1,
      disk: 1,
      'os-flavor-access:is_public': false,
    };
    await cloud.compute('POST', '/flavors', { token: admin, body: { flavor: secret } });
    await cloud.compute('POST', '/os-keypairs', {
      token: stranger.token,
      body: { keypair: { name: 'theirs' } },
    });
    const hidden: readonly string[] = [
      ...['/servers', '/servers/detail'].flatMap((list) => [
        `${list}?marker=${other.body.server.id}`,
        `${list}?marker=${gone}`,
      ]),
      `/servers?marker=${gone}&limit=1&sort_key=display_name`,
      `/servers/detail?changes-before=2100-01-01T00:00:00Z&marker=${other.body.server.id}`,
      '/flavors?marker=secret',
      '/flavors/detail?marker=secret&limit=1',
      '/flavors?marker=secret&is_public=None',
      '/os-keypairs?marker=theirs',
      `/servers/${own}/os-instance-actions?marker=req-00000000-0000-4000-8000-000000000000`,
      `/os-simple-tenant-usage/${member.projectId}?marker=${other.body.server.id}`,
    ];
    for (const path of hidden) {
      const absent = path.replace(/marker=[^&]*/, 'marker=00000000-0000-4000-8000-000000000000');
      const [seen, unseen] = [await as(member.token, path, '2.66'), await as(member.token, absent, '2.66')];
      assert.equal(seen.status, 400, path);
      const marker = /marker=([^&]*)/.exec(path)![1]!;
      assert.equal(
        seen.text.replaceAll(marker, ''),
        unseen.text.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, ''),
        path,
      );
    }
    assert.equal(await statusOf(admin, '/flavors?marker=secret&is_public=None'), 200);
    assert.equal(await statusOf(admin, `/servers?all_tenants=1&marker=${other.body.server.id}`), 200);
    assert.equal(await statusOf(admin, `/servers?all_tenants=1&marker=${gone}`), 400);
  });

  test('of deleted servers are read from one to the next', async () => {
    const { cloud } = the();
    const ids = [await cloud.server(), await cloud.server(), await cloud.server()];
    for (const id of ids) await cloud.compute('DELETE', `/servers/${id}`);
    for (const id of ids) await cloud.atRest(id);
    for (const filter of ['deleted=true&all_tenants=1', 'changes-since=2000-01-01T00:00:00Z&all_tenants=1']) {
      const seen: string[] = [];
      for (let path = `/servers?${filter}&limit=1`; ; ) {
        const { status, body } = await as(cloud.admin, path);
        assert.equal(status, 200, path);
        if (body.servers.length === 0) break;
        seen.push(body.servers[0].id);
        path = `/servers?${filter}&limit=1&marker=${seen.at(-1)}`;
      }
      assert.deepEqual(
        ids.filter((id) => !seen.includes(id)),
        [],
      );
    }
  });

  test('begin with the first where the marker is empty', async () => {
    const { cloud } = the();
    const id = await cloud.server();
    for (const list of [
      '/servers', '/servers/detail', '/flavors', '/flavors/detail', '/os-keypairs', '/os-hypervisors', '/os-hypervisors/detail',
      '/os-migrations', `/servers/${id}/os-instance-actions`, '/os-simple-tenant-usage', `/os-simple-tenant-usage/${cloud.member.projectId}`,
    ]) {
      const [empty, none] = [await as(cloud.admin, `${list}?marker=`), await as(cloud.admin, list)];
      assert.equal(empty.status, 200, list);
      const untimed = (text: string) => text
          .replaceAll(/127\.0\.0\.1:\d+/g, '')
          .replaceAll(/"(start|stop|uptime|hours|total_[a-z_]+)":("[^"]*"|[\d.]+)/g, '');
      assert.equal(untimed(empty.text), untimed(none.text), list);
    } // biome-ignore format: a list
    const images = await the().ask({ path: '/compute/v2.1/images?marker=', token: cloud.admin });
    assert.equal(images.status, 200);
  });

  test('are of no order that would tell a member where servers are', async () => {
    const { admin, member } = the().cloud;
    for (const key of ['host', 'node', 'uuid&sort_key=host'])
      for (const list of ['/servers', '/servers/detail']) {
        assert.equal(await statusOf(member.token, `${list}?sort_key=${key}`), 403, key);
        assert.equal(await statusOf(admin, `${list}?sort_key=${key}`), 200, key);
      }
  });

  test('are of every size that is a number, however it is asked for', async () => {
    const { token } = the().cloud.member;
    const good = ['0', '1', '', '007', '9'.repeat(30)];
    const bad = ['-1', '+1', '1.5', '1e3', 'x', '%20', '0x1', '1,2', '٣'];
    for (const list of ['/servers', '/servers/detail', '/flavors', '/os-keypairs', '/os-server-groups']) {
      for (const limit of good)
        assert.equal(await statusOf(token, `${list}?limit=${limit}`), 200, `${list} ${limit}`);
      for (const limit of bad)
        assert.equal(
          await statusOf(token, `${list}?limit=${encodeURIComponent(limit)}`),
          400,
          `${list} ${limit}`,
        );
    }
  });

  test('put together are the whole list, whatever the order and the size of the pages', async () => {
    const { cloud } = the();
    const { token } = cloud.member;
    for (let index = 0; index < 5; index++) await cloud.server({ name: `n${index % 3}` });
    const keys = ['created_at', 'display_name', 'uuid', 'updated_at', 'vm_state', 'key_name', 'launched_at'];
    const sort = fc.array(fc.tuple(fc.constantFrom(...keys), fc.constantFrom('asc', 'desc')), {
      maxLength: 3,
    });
    const idsOf = async (query: string) =>
      (await as(token, `/servers?${query}`)).body.servers.map(({ id }: { id: string }) => id) as string[];
    await fc.assert(
      fc.asyncProperty(sort, fc.integer({ min: 1, max: 4 }), async (parts, limit) => {
        const order = parts.map(([key, direction]) => `sort_key=${key}&sort_dir=${direction}`).join('&');
        const whole = await idsOf(order);
        const paged: string[] = [];
        for (let page = await idsOf(`${order}&limit=${limit}`); page.length > 0; ) {
          paged.push(...page);
          page = await idsOf(`${order}&limit=${limit}&marker=${page.at(-1)}`);
        }
        assert.deepEqual(paged, whole);
      }),
      { numRuns: 15 },
    );
  });
});
