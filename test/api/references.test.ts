import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import { linksOf } from '../../src/api/compute/links.ts';
import { idInReference } from '../../src/api/http/id-in-reference.ts';
import { type CloudUnderTest, startCloud } from './cloud-under-test.ts';

let cloud: CloudUnderTest;
before(async () => {
  cloud = await startCloud();
});
after(() => cloud.close());

const flavorBody = (id: string, more: object = {}) => ({
  flavor: { id, name: id, ram: 64, vcpus: 1, disk: 1, ...more },
});

async function made(id: string, more: object = {}) {
  const { status, body, text } = await cloud.compute('POST', '/flavors', {
    token: cloud.admin,
    body: flavorBody(id, more),
  });
  assert.equal(status, 200, text);
  return body.flavor;
}

describe('a reference to a flavor or an image', () => {
  test('may be any link that the API gives to it, where a server is created, resized and rebuilt', async () => {
    const spaced = await made('with a space');
    const plain = await made('plain.1', { ram: 65 });
    const links = [...spaced.links, ...plain.links].map(({ href }: { href: string }) => href);
    const image = await cloud.compute('GET', `/images/${cloud.image}`);
    const imageLinks: string[] = image.body.image.links.map(({ href }: { href: string }) => href);
    assert.ok(links.length >= 4 && imageLinks.length >= 2);
    for (const flavorRef of links)
      for (const imageRef of imageLinks) {
        const id = await cloud.server({ flavorRef, imageRef });
        const { body } = await cloud.compute('GET', `/servers/${id}`);
        assert.equal(body.server.image.id, cloud.image);
        const { id: flavor } = body.server.flavor;
        assert.ok(flavor === 'with a space' || flavor === 'plain.1');
        const linked = await cloud.compute(
          'GET',
          `/servers?flavor=${encodeURIComponent(flavorRef)}&image=${encodeURIComponent(imageRef)}`,
        );
        assert.ok(linked.body.servers.some((server: { id: string }) => server.id === id));
        await cloud.compute('DELETE', `/servers/${id}`);
      }
    const id = await cloud.server();
    const act = (body: object) => cloud.compute('POST', `/servers/${id}/action`, { body });
    assert.equal((await act({ rebuild: { imageRef: imageLinks[0] } })).status, 202);
    await cloud.atRest(id);
    assert.equal((await act({ resize: { flavorRef: links[0] } })).status, 202);
    const resized = await cloud.atRest(id);
    assert.equal(resized?.status, 'VERIFY_RESIZE');
    await act({ revertResize: null });
    await cloud.atRest(id);
  });

  test('that leads to nothing is refused as an id of nothing is', async () => {
    const create = (wish: object) =>
      cloud.compute('POST', '/servers', {
        body: { server: { name: 's', flavorRef: 'small', imageRef: cloud.image, ...wish } },
      });
    for (const flavorRef of [
      'http://x/flavors/',
      'http://x/flavors/nope',
      '/',
      '//',
      'http://x/%E9',
      'x/small/..',
      `http://x/${'y'.repeat(3000)}`,
    ])
      assert.equal((await create({ flavorRef })).status, 400, flavorRef);
    for (const imageRef of [
      'http://x/images/',
      'http://x/images/nope',
      '/',
      `http://x/?/${cloud.image}`,
      `${cloud.image}/..`,
    ])
      assert.equal((await create({ imageRef })).status, 400, imageRef);
  });

  test('has the id that its link was made of, whatever the id', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (id) => {
        for (const { href } of linksOf('http://host:1/compute/v2.1', 'flavors', id))
          assert.equal(idInReference(href), id);
      }),
    );
  });
});

describe('a flavor that was deleted and made anew with the same id', () => {
  test('is another one: servers of the old can be resized to it, and not to their own', async () => {
    await made('reborn');
    const id = await cloud.server({ flavorRef: 'reborn' });
    const resize = () =>
      cloud.compute('POST', `/servers/${id}/action`, { body: { resize: { flavorRef: 'reborn' } } });
    const same = await resize();
    assert.deepEqual(
      [same.status, same.body.badRequest.message],
      [400, 'When resizing, instances must change flavor!'],
    );
    const specs = { extra_specs: { 'quota:cpu_shares': '2' } };
    await cloud.compute('POST', '/flavors/reborn/os-extra_specs', { token: cloud.admin, body: specs });
    assert.equal((await resize()).status, 400, 'an edit leaves it the same flavor');
    await cloud.compute('DELETE', '/flavors/reborn', { token: cloud.admin });
    assert.equal((await resize()).status, 400, 'none is there');
    await made('reborn', { ram: 96 });
    assert.equal((await resize()).status, 202);
    assert.equal((await cloud.atRest(id))?.status, 'VERIFY_RESIZE');
    await cloud.compute('POST', `/servers/${id}/action`, { body: { confirmResize: null } });
    const { body } = await cloud.compute('GET', `/servers/${id}`, { version: '2.47' });
    assert.equal(body.server.flavor.ram, 96);
    assert.equal((await resize()).status, 400, 'it is its own now');
  });

  test('has none of the access and the extra specs that the old one had', async () => {
    const closed = { 'os-flavor-access:is_public': false };
    await made('locked', closed);
    const named = { token: cloud.admin, version: '2.7' };
    const add = { addTenantAccess: { tenant: cloud.member.projectId } };
    assert.equal(
      (await cloud.compute('POST', '/flavors/locked/action', { ...named, body: add })).status,
      200,
    );
    const specs = { extra_specs: { 'hw:unique_serial': 'true' } };
    await cloud.compute('POST', '/flavors/locked/os-extra_specs', { ...named, body: specs });
    assert.equal((await cloud.compute('GET', '/flavors/locked')).status, 200);
    await cloud.compute('DELETE', '/flavors/locked', named);
    await made('locked', closed);
    assert.equal((await cloud.compute('GET', '/flavors/locked')).status, 404);
    const { body } = await cloud.compute('GET', '/flavors/locked/os-extra_specs', named);
    assert.deepEqual(body.extra_specs, {});
  });
});

describe('a name that is given again', () => {
  test('brings nothing of the key pair, group or project that had it', async () => {
    const keypair = (name: string) => cloud.compute('POST', '/os-keypairs', { body: { keypair: { name } } });
    const first = await keypair('again');
    const id = await cloud.server({ key_name: 'again' });
    await cloud.compute('DELETE', '/os-keypairs/again');
    const second = await keypair('again');
    assert.notEqual(first.body.keypair.public_key, second.body.keypair.public_key);
    const kept = await cloud.service.store.servers.find(id as never);
    assert.equal(kept?.keyPublic, first.body.keypair.public_key);

    const group = () =>
      cloud.compute('POST', '/os-server-groups', {
        body: { server_group: { name: 'again', policies: ['affinity'] } },
      });
    const old = (await group()).body.server_group.id;
    await cloud.compute('DELETE', `/os-server-groups/${old}`);
    assert.notEqual((await group()).body.server_group.id, old);

    const project = async () =>
      (
        await cloud.ask({
          method: 'POST',
          path: '/v3/projects',
          token: cloud.admin,
          body: { project: { name: 'again' } },
        })
      ).body.project.id;
    const before = await project();
    const quota = `/compute/v2.1/os-quota-sets/${before}`;
    await cloud.ask({ method: 'PUT', path: quota, token: cloud.admin, body: { quota_set: { cores: 7 } } });
    await cloud.ask({ method: 'DELETE', path: `/v3/projects/${before}`, token: cloud.admin });
    const now = await project();
    assert.notEqual(now, before);
    const { body } = await cloud.ask({ path: `/compute/v2.1/os-quota-sets/${now}`, token: cloud.admin });
    assert.notEqual(body.quota_set.cores, 7);
  });
});
