import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type NetworkUnderTest, startNetworkApi } from './network-under-test.ts';

let the: NetworkUnderTest;
let networkId: string;
before(async () => {
  the = await startNetworkApi();
  networkId = (await the.sharedNetwork()).id;
  for (const name of ['e', 'd', 'c', 'b', 'a'])
    await the.make(the.member.token, 'port', {
      network_id: networkId,
      name,
      description: name < 'c' ? 'early' : 'late',
    });
  await the.make(the.stranger.token, 'port', { network_id: networkId, name: 'theirs' });
});
after(() => the.close());

const list = (query: string) => the.ask('GET', `/ports${query}`, { token: the.member.token });
const names = async (query: string): Promise<string> => {
  const { status, body } = await list(query);
  assert.equal(status, 200, JSON.stringify(body));
  return body.ports.map(({ name }: { name: string }) => name).join('');
};

test('any attribute is a filter, and a repeated one takes any of its values', async () => {
  const sorted = '&sort_key=name&sort_dir=asc';
  assert.equal(await names(`?name=a&name=c${sorted}`), 'ac');
  assert.equal(await names(`?description=early${sorted}`), 'ab');
  assert.equal(await names(`?description=late&name=a${sorted}`), '');
  assert.equal(await names(`?status=DOWN&admin_state_up=True${sorted}`), 'abcde');
  assert.equal(await names(`?status=ACTIVE${sorted}`), '');
  assert.equal(await names(`?project_id=${the.member.projectId}${sorted}`), 'abcde');
  assert.equal(await names(`?tenant_id=${the.stranger.projectId}${sorted}`), '');
  const { body } = await list('?name=b');
  const [{ mac_address, fixed_ips, security_groups }] = body.ports;
  const [{ ip_address, subnet_id }] = fixed_ips;
  assert.equal(await names(`?mac_address=${mac_address}`), 'b');
  assert.equal(await names(`?fixed_ips=ip_address%3D${ip_address}`), 'b');
  assert.equal(await names(`?fixed_ips=ip_address%3D${ip_address}&fixed_ips=subnet_id%3D${subnet_id}`), 'b');
  assert.equal(await names(`?fixed_ips=ip_address%3D${ip_address}&fixed_ips=subnet_id%3Dother`), '');
  assert.equal(await names(`?security_groups=${security_groups[0]}${sorted}`), 'abcde');
});

test('`fields` names what is shown', async () => {
  const { body } = await list('?name=a&fields=id&fields=name');
  assert.deepEqual(Object.keys(body.ports[0]).sort(), ['id', 'name']);
});

test('a list is read in pages forwards and backwards by its links', async () => {
  const first = await list('?limit=2&sort_key=name&sort_dir=desc');
  const read = (body: { ports: { name: string }[] }) => body.ports.map(({ name }) => name).join('');
  const linked = (body: { ports_links: { rel: string; href: string }[] }, rel: string) => {
    const link = body.ports_links.find((each) => each.rel === rel);
    assert.ok(link !== undefined, `no link ${rel}`);
    return list(new URL(link.href).search);
  };
  assert.equal(read(first.body), 'ed');
  const second = await linked(first.body, 'next');
  assert.equal(read(second.body), 'cb');
  const third = await linked(second.body, 'next');
  assert.equal(read(third.body), 'a');
  assert.ok(!third.body.ports_links.some(({ rel }: { rel: string }) => rel === 'next'));
  const back = await linked(third.body, 'previous');
  assert.equal(read(back.body), 'cb');
});

test('a filter, a sort key, a limit or a marker that does not exist is refused with a sentence', async () => {
  const cases: [query: string, status: number, message: RegExp][] = [
    ['?frob=1', 400, /^\['frob'\] is invalid attribute for filtering$/],
    ['?sort_key=frob', 400, /^\['frob'\] is invalid attribute for sort_keys$/],
    ['?sort_key=id&sort_dir=up', 400, /'up'.*valid value is 'asc' and 'desc'/],
    ['?limit=-1', 400, /Limit must be an integer 0 or greater and not '-1'/],
    ['?limit=x', 400, /and not 'x'/],
    ['?marker=nothing&limit=1', 404, /^Port nothing could not be found\.$/],
  ];
  for (const [query, status, message] of cases) {
    const answer = await list(query);
    assert.equal(answer.status, status, query);
    assert.match(answer.body.NeutronError.message, message);
  }
});

test('a marker of another project is as one that is not there', async () => {
  const all = await the.ask('GET', '/ports?name=theirs', { token: the.admin });
  const { status } = await list(`?limit=1&marker=${all.body.ports[0].id}`);
  assert.equal(status, 404);
});

test('an administrator lists the ports of all projects', async () => {
  const { body } = await the.ask('GET', `/ports?network_id=${networkId}`, { token: the.admin });
  assert.equal(body.ports.length, 6);
});
