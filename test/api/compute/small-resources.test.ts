import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type ComputeUnderTest, keysOf, startCompute } from './compute-under-test.ts';

describe('discovery', () => {
  let compute: ComputeUnderTest;
  const anybody = (url: string) =>
    compute.api.ask(undefined, { url, headers: { host: 'cloud.example.org' } });
  before(async () => {
    compute = await startCompute();
  });
  after(() => compute.close());

  test('the list of versions, whose links lead to the versions', async () => {
    const { versions } = (await anybody('/compute/')).json();
    assert.deepEqual(
      versions.map((one: Record<string, unknown>) => [one.id, one.status, one.min_version, one.version]),
      [
        ['v2.0', 'SUPPORTED', '', ''],
        ['v2.1', 'CURRENT', '2.1', '2.93'],
      ],
    );
    for (const { id, links } of versions) {
      const { version } = (await anybody(new URL(links[0].href).pathname)).json();
      assert.equal(version.id, id);
      assert.deepEqual(keysOf(version), [
        'id',
        'links',
        'media-types',
        'min_version',
        'status',
        'updated',
        'version',
      ]);
      assert.equal(version.links[0].href, links[0].href);
    }
  });

  test('with and without a slash, without a token', async () => {
    for (const url of ['/compute', '/compute/v2.1', '/compute/v2.1/', '/compute/v2', '/compute/v2/'])
      assert.equal((await anybody(url)).statusCode, 200, url);
  });

  test('an unknown version: 300 with the choices', async () => {
    const answer = await anybody('/compute/v3');
    assert.equal(answer.statusCode, 300);
    assert.deepEqual(
      answer.json().choices.map((choice: { links: { href: string }[] }) => choice.links[0]!.href),
      ['http://cloud.example.org/compute/v2/v3', 'http://cloud.example.org/compute/v2.1/v3'],
    );
  });

  test('links go by the project where the URL does', async () => {
    const { flavor } = await compute.get<{ flavor: { id: string } }>({
      method: 'POST',
      path: '/flavors',
      body: { flavor: { name: 'f', id: 'f', ram: 1, vcpus: 1, disk: 0 } },
    });
    const project = compute.api.adminProject;
    const answer = await compute.api.ask(compute.admin, {
      url: `/compute/v2.1/${project}/flavors/${flavor.id}`,
    });
    assert.deepEqual(
      answer.json().flavor.links.map((link: { href: string }) => new URL(link.href).pathname),
      [`/compute/v2.1/${project}/flavors/f`, `/compute/${project}/flavors/f`],
    );
  });
});

describe('resources that are empty at first, and proxies', () => {
  let compute: ComputeUnderTest;
  before(async () => {
    compute = await startCompute();
  });
  after(() => compute.close());

  const empty: [string, object][] = [
    ['/os-aggregates', { aggregates: [] }],
    ['/os-server-groups', { server_groups: [] }],
    ['/os-migrations', { migrations: [] }],
    ['/os-networks', { networks: [] }],
    ['/os-tenant-networks', { networks: [] }],
    ['/os-floating-ips', { floating_ips: [] }],
    ['/images', { images: [] }],
    ['/images/detail', { images: [] }],
  ];
  for (const [path, body] of empty)
    test(`${path} is empty`, async () => assert.deepEqual(await compute.get({ path }), body));

  for (const path of ['/images', '/images/x', '/os-networks', '/os-security-groups', '/os-floating-ips'])
    test(`${path} goes with 2.36`, async () => {
      assert.notEqual(
        (await compute.ask({ path, version: 35 })).json().itemNotFound?.message,
        'The resource could not be found.',
      );
      const gone = await compute.get({ path, version: 36 }, 404);
      assert.deepEqual(gone, { itemNotFound: { code: 404, message: 'The resource could not be found.' } });
    });

  test('migrations take no unknown word from 2.59', async () => {
    await compute.get({ path: '/os-migrations?zz=1', version: 58 });
    await compute.get({ path: '/os-migrations?zz=1', version: 59 }, 400);
    await compute.get({ path: '/os-migrations?user_id=1', version: 79 }, 400);
    await compute.get({ path: '/os-migrations?user_id=1', version: 80 });
    await compute.get({ path: '/os-migrations', token: compute.member.token }, 403);
  });

  test('what is not built answers 501 in the right shape', async () => {
    const events = { method: 'POST', path: '/os-server-external-events', body: { events: [] } } as const;
    const answer = await compute.get(events, 501);
    const message = 'Taking in events of other services is not implemented.';
    assert.deepEqual(answer, { notImplemented: { code: 501, message } });
    for (const path of ['/os-server-groups/x', '/os-aggregates/1']) await compute.get({ path }, 404);
    await compute.get({ path: '/os-aggregates/name' }, 400);
  });

  test('extensions: the list, and each by its alias', async () => {
    const { extensions } = await compute.get<{ extensions: { alias: string }[] }>({ path: '/extensions' });
    assert.deepEqual(keysOf(extensions[0]), [
      'alias',
      'description',
      'links',
      'name',
      'namespace',
      'updated',
    ]);
    for (const extension of extensions)
      assert.deepEqual(await compute.get({ path: `/extensions/${extension.alias}` }), { extension });
    await compute.get({ path: '/extensions/zz' }, 404);
    assert.equal(extensions.length, 99);
    const legacy = await compute.api.ask(compute.admin, { url: '/compute/v2/extensions/OS-EXT-VIF-NET' });
    assert.equal(legacy.statusCode, 200);
    await compute.get({ path: '/extensions/OS-EXT-VIF-NET' }, 404);
  });

  test('what Nova removed is gone, for everybody with a token', async () => {
    const removed = [
      ['GET', '/os-agents'],
      ['DELETE', '/os-agents/1'],
      ['GET', '/os-cells/capacities'],
      ['POST', '/os-cells'],
      ['GET', '/os-certificates/root'],
      ['GET', '/os-cloudpipe'],
      ['GET', '/os-fping/1'],
      ['PUT', '/os-floating-ip-dns/a.example/entries/b'],
      ['GET', '/os-floating-ips-bulk'],
      ['GET', '/os-security-group-default-rules'],
      ['GET', '/servers/1/os-virtual-interfaces'],
      ['GET', '/servers/1/consoles'],
    ] as const;
    for (const [method, path] of removed)
      for (const token of [compute.admin, compute.member.token]) {
        const body = method === 'POST' ? { cell: {} } : undefined;
        const { computeFault } = await compute.get<{ computeFault: { code: number } }>(
          { method, path, token, ...(body && { body }) },
          410,
        );
        assert.equal(computeFault.code, 410, path);
      }
  });

  test('an image as the Compute API shows it', async () => {
    const made = await compute.api.ask(compute.admin, {
      method: 'POST',
      url: '/image/v2/images',
      payload: { name: 'demo', disk_format: 'raw', container_format: 'bare', hw_unique_serial: 'true' },
    });
    const { id } = made.json();
    const { image } = await compute.get<{ image: Record<string, unknown> }>({ path: `/images/${id}` });
    assert.deepEqual(keysOf(image), [
      'OS-EXT-IMG-SIZE:size',
      'created',
      'id',
      'links',
      'metadata',
      'minDisk',
      'minRam',
      'name',
      'progress',
      'status',
      'updated',
    ]);
    assert.deepEqual([image.status, image.metadata], ['SAVING', { hw_unique_serial: 'true' }]);
    const listed = await compute.get<{ images: object[] }>({
      path: '/images/detail?status=saving&name=demo',
    });
    assert.deepEqual(listed.images, [image]);
    const metadata = `/images/${id}/metadata`;
    assert.deepEqual(await compute.get({ path: metadata, version: 38 }), { metadata: image.metadata });
    assert.deepEqual(await compute.get({ path: `${metadata}/hw_unique_serial` }), {
      meta: { hw_unique_serial: 'true' },
    });
    await compute.get({ path: `${metadata}/zz` }, 404);
    await compute.get({ path: metadata, version: 39 }, 404);
    await compute.get({ path: `/images/${id}`, token: compute.member.token }, 404);
    assert.deepEqual(await compute.get({ path: '/images', token: compute.member.token }), { images: [] });
  });
});
