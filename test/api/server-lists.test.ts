import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type CloudUnderTest, startCloud } from './cloud-under-test.ts';

let cloud: CloudUnderTest;
const ids: Record<string, string> = {};
before(async () => {
  cloud = await startCloud();
  for (const name of ['apple', 'banana', 'cherry'])
    ids[name] = await cloud.server({ name, metadata: { fruit: name } });
  const { banana = '', cherry = '' } = ids;
  await cloud.compute('POST', `/servers/${banana}/action`, { body: { 'os-stop': null } });
  await cloud.atRest(banana);
  await cloud.compute('PUT', `/servers/${cherry}/tags`, {
    version: '2.26',
    body: { tags: ['red', 'small'] },
  });
  await cloud.compute('POST', `/servers/${cherry}/action`, { body: { lock: null } });
});
after(async () => {
  assert.deepEqual(cloud.errors, []);
  await cloud.close();
});

const list = async (query: string, version = '2.1', token = cloud.member.token) => {
  const answer = await cloud.compute('GET', `/servers${query}`, { version, token });
  assert.equal(answer.status, 200, answer.text);
  return answer.body.servers.map(({ name }: { name: string }) => name);
};

describe('filters', () => {
  const found: readonly [query: string, version: string, names: string[]][] = [
    ['', '2.1', ['cherry', 'banana', 'apple']],
    ['?name=an', '2.1', ['banana']],
    ['?name=%5E.p', '2.1', ['apple']],
    ['?status=SHUTOFF', '2.1', ['banana']],
    ['?status=active', '2.1', ['cherry', 'apple']],
    ['?status=ACTIVE&status=SHUTOFF', '2.1', ['cherry', 'banana', 'apple']],
    ['?status=REBOOT', '2.1', []],
    ['?status=zz', '2.37', []],
    ['?flavor=small', '2.1', ['cherry', 'banana', 'apple']],
    ['?flavor=other', '2.1', []],
    ['?ip=192.0.2.', '2.1', []],
    ['?tags=red', '2.26', ['cherry']],
    ['?tags=red,big', '2.26', []],
    ['?tags-any=red,big', '2.26', ['cherry']],
    ['?not-tags=red', '2.26', ['banana', 'apple']],
    ['?tags=red', '2.25', ['cherry', 'banana', 'apple']],
    ['?locked=true', '2.73', ['cherry']],
    ['?locked=false', '2.73', ['banana', 'apple']],
    ['?changes-since=2020-01-01T00:00:00', '2.1', ['cherry', 'banana', 'apple']],
    ['?changes-before=2020-01-01T00:00:00Z', '2.66', []],
    ['?vm_state=stopped', '2.83', ['banana']],
    ['?vm_state=stopped', '2.82', ['cherry', 'banana', 'apple']],
    ['?host=elsewhere', '2.1', ['cherry', 'banana', 'apple']],
    ['?unknown=1', '2.74', ['cherry', 'banana', 'apple']],
    ['?_cachebuster=1', '2.75', ['cherry', 'banana', 'apple']],
  ];
  for (const [query, version, names] of found)
    test(`${version} ${query}`, async () => {
      // Without a word on it, a list begins with what was made last.
      assert.deepEqual(await list(query, version), names);
    });

  test('an administrator may ask for more', async () => {
    const { admin } = cloud;
    assert.deepEqual(await list('?all_tenants=1&host=cmp1&name=apple', '2.1', admin), ['apple']);
    assert.deepEqual(await list('?all_tenants=1&host=elsewhere', '2.1', admin), []);
    assert.deepEqual(await list(`?all_tenants=1&project_id=${cloud.stranger.projectId}`, '2.1', admin), []);
    const members = `tenant_id=${cloud.member.projectId}&name=apple`;
    assert.deepEqual(await list(`?all_tenants&${members}`, '2.1', admin), ['apple']);
    assert.deepEqual(await list(`?${members}`, '2.1', admin), [], 'without all_tenants: the own project');
    assert.deepEqual(await list('?all_tenants=1&power_state=4', '2.1', admin), ['banana']);
  });

  test('what cannot be filtered by is said, so that no list is wrong', async () => {
    const id = (await cloud.compute('GET', '/servers?name=apple')).body.servers[0].id;
    const body = { server: { accessIPv4: '192.0.2.7' } };
    await cloud.compute('PUT', `/servers/${id}`, { body });
    const answer = await cloud.compute('GET', '/servers?access_ip_v4=192.0.2.7', { token: cloud.admin });
    assert.equal(answer.status, 501);
    assert.equal(
      answer.body.notImplemented.message,
      "Filtering servers by 'access_ip_v4' is not implemented.",
    );
  });

  const refused: readonly [query: string, version: string, status: number, words: string | RegExp][] = [
    [
      '?limit=abc',
      '2.1',
      400,
      "Invalid input for query parameters limit. Value: abc. 'abc' does not match '^[0-9]*$'",
    ],
    ['?marker=abc', '2.1', 400, 'marker [abc] not found'],
    ['?sort_dir=up', '2.1', 400, /^Invalid input for query parameters sort_dir\. Value: up\./],
    ['?sort_key=secret', '2.1', 400, /'secret' is not one of/],
    ['?sort_key=locked', '2.72', 400, /'locked' is not one of/],
    ['?status=zz', '2.38', 400, 'Invalid status value'],
    ['?zz=1', '2.75', 400, "'zz' does not match any of the regexes: '^_'"],
    ['?changes-since=yesterday', '2.1', 400, /'yesterday' is not a 'date-time'/],
    ['?changes-since=2011/01/01', '2.1', 400, /'2011\/01\/01' is not a 'date-time'/],
    ['?all_tenants=maybe', '2.1', 400, /all_tenants/],
    ['?status=deleted', '2.1', 403, 'Only administrators may list deleted instances'],
  ];
  for (const [query, version, status, words] of refused)
    test(`${version} ${query}: ${status}`, async () => {
      const answer = await cloud.compute('GET', `/servers/detail${query}`, { version });
      assert.equal(answer.status, status);
      const { message } = answer.body.badRequest ?? answer.body.forbidden;
      if (typeof words === 'string') assert.equal(message, words);
      else assert.match(message, words);
    });
});

describe('pages', () => {
  test('a full page leads to the next, and the last to none', async () => {
    const seen: string[] = [];
    let path: string | undefined = '/servers/detail?limit=2&sort_key=display_name&sort_dir=asc';
    while (path !== undefined) {
      const { body } = await cloud.compute('GET', path);
      seen.push(...body.servers.map(({ name }: { name: string }) => name));
      path = body.servers_links?.[0].href.replace(/^.*\/compute\/v2\.1/, '');
    }
    assert.deepEqual(seen, ['apple', 'banana', 'cherry']);
  });

  test('limit=0 is an empty page; sorting by more than one key', async () => {
    assert.deepEqual(await list('?limit=0'), []);
    assert.equal((await list('?limit=')).length, 3);
    assert.deepEqual(await list('?sort_key=vm_state&sort_dir=desc&sort_key=display_name&sort_dir=desc'), [
      'banana',
      'cherry',
      'apple',
    ]);
  });
});

test('a page that is kept is never older than the last change', async () => {
  const first = async () => (await cloud.compute('GET', '/servers/detail?name=apple')).body.servers[0];
  for (let turn = 0; turn < 20; turn++) {
    const body = { metadata: { turn: String(turn) } };
    await cloud.compute('POST', `/servers/${ids.apple}/metadata`, { body });
    for (let look = 0; look < 2; look++) assert.equal((await first()).metadata.turn, String(turn));
  }
  const { status } = await cloud.compute('PUT', `/servers/${ids.apple}`, {
    body: { server: { name: 'apple pie' } },
  });
  assert.equal(status, 200);
  assert.equal((await first()).name, 'apple pie');
});

test('a deleted server: in no plain list; in one of changes, and in an administrator’s of deleted ones', async () => {
  const since = new Date(Date.now() - 1000).toISOString();
  const id = await cloud.server({ name: 'gone' });
  await cloud.compute('DELETE', `/servers/${id}`);
  assert.equal(await cloud.atRest(id), undefined);
  assert.equal((await list('')).includes('gone'), false);
  const seenBy = async (query: string, token: string) => {
    const { body } = await cloud.compute('GET', `/servers/detail${query}`, { token });
    return body.servers.find((server: { id: string }) => server.id === id);
  };
  for (const server of [
    await seenBy(`?changes-since=${since}`, cloud.member.token),
    await seenBy('?all_tenants=1&deleted=True', cloud.admin),
    await seenBy('?all_tenants=1&status=DELETED', cloud.admin),
  ]) {
    assert.equal(server?.status, 'DELETED');
    assert.equal(server['OS-EXT-STS:vm_state'], 'deleted');
    assert.notEqual(server['OS-SRV-USG:terminated_at'], null);
  }
  assert.equal(await seenBy('?deleted=True', cloud.member.token), undefined);
});
