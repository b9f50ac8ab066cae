import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import type { ImageId } from '../../src/model/ids.ts';
import { hardwareValues } from '../../src/model/image-property.ts';
import { type Answer, type CloudUnderTest, startCloud } from './cloud-under-test.ts';

/** What the Image API stores of custom properties, and what a server may be made of. */

const PATCH = 'application/openstack-images-v2.1-json-patch';
const ID = '6f1c4a0e-6f6c-4b0e-9d5e-0a2f7b7c1d11';
let cloud: CloudUnderTest;
let token: string;
let server: string;
before(async () => {
  cloud = await startCloud();
  token = cloud.member.token;
  server = await cloud.server();
});
after(async () => {
  assert.deepEqual(cloud.errors, []);
  await cloud.close();
});

const post = (fields: object, by = token) =>
  cloud.ask({
    method: 'POST',
    path: '/image/v2/images',
    token: by,
    body: { disk_format: 'raw', container_format: 'bare', ...fields },
  });
const show = async (id: string) => (await cloud.ask({ path: `/image/v2/images/${id}`, token })).body;
const patch = (id: string, ...operations: object[]) =>
  cloud.ask({
    method: 'PATCH',
    path: `/image/v2/images/${id}`,
    ...{ token, body: JSON.stringify(operations), headers: { 'content-type': PATCH } },
  });

async function active(fields: object): Promise<string> {
  const made = await post(fields);
  assert.equal(made.status, 201, made.text);
  const { id } = made.body;
  const headers = { 'content-type': 'application/octet-stream' };
  await cloud.ask({ method: 'PUT', path: `/image/v2/images/${id}/file`, token, headers, body: 'data' });
  return id;
}

/** An image as an older release may have left it: with properties that are refused today. */
async function stored(properties: Record<string, string>): Promise<string> {
  const id = (await active({})) as ImageId;
  const image = await cloud.service.store.images.find(id);
  assert.ok(image);
  await cloud.service.store.images.update(image, { properties });
  return id;
}

const create = (imageRef: string, flavorRef = 'small', by = token) =>
  cloud.compute('POST', '/servers', { token: by, body: { server: { name: 's', flavorRef, imageRef } } });
const rebuild = (imageRef: string) =>
  cloud.compute('POST', `/servers/${server}/action`, { body: { rebuild: { imageRef } } });
const messageOf = ({ body }: Answer) => (Object.values(body)[0] as { message: string }).message;

const OF_OTHER_CLOUDS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(Object.keys(hardwareValues).map((name) => [name, 'bogus'])),
  hw_vif_model: 'vmxnet3',
  hw_video_model: 'vmvga',
  hw_machine_type: 'pc; drop',
  hw_emulation_architecture: 'aarch64',
  hw_architecture: 'two words',
  architecture: 'two words',
  hypervisor_type: 'a b',
  vm_mode: 'x y',
  img_hv_requested_version: 'newest',
  hypervisor_version_requires: 'newest',
  os_command_line: 'two\nlines',
};
for (const [name, value] of Object.entries(OF_OTHER_CLOUDS))
  test(`${name}=${JSON.stringify(value)} is stored, and refused with a sentence at create and rebuild`, async () => {
    const id = await active({ [name]: value });
    assert.equal((await show(id))[name], value);
    for (const answer of [await create(id), await rebuild(id)]) {
      assert.equal(answer.status, 400, answer.text);
      const said = messageOf(answer);
      assert.ok(said.startsWith(`Image property '${name}' has the value '${value}', but accepted is `), said);
    }
    assert.equal((await cloud.atRest(server))?.status, 'ACTIVE');
  });

const NEAR_MISSES = [
  'hw:unique_serial',
  'hw:unique-serial',
  'HW_UNIQUE_SERIAL',
  'unique_serial',
  'hw_uniqe_serial',
];
for (const name of NEAR_MISSES)
  test(`${name} on an image is refused with the right name, and blocks nothing where it is stored`, async () => {
    const image = await active({});
    const value = { op: 'add', path: `/${name}`, value: 'true' };
    for (const answer of [await post({ [name]: 'true' }), await patch(image, value)]) {
      assert.equal(answer.status, 400);
      assert.ok(answer.text.includes("the image property is 'hw_unique_serial'"), answer.text);
    }
    assert.equal((await show(image))[name], undefined);
    const old = await stored({ [name]: 'true' });
    assert.equal((await patch(old, { op: 'add', path: '/foo', value: 'x' })).status, 200);
    const made = await create(old);
    assert.equal(made.status, 202, made.text);
    await cloud.atRest(made.body.server.id);
    await cloud.compute('DELETE', `/servers/${made.body.server.id}`);
    assert.equal((await patch(old, { op: 'remove', path: `/${name}` })).status, 200);
  });

test('kernel_id and ramdisk_id may be null, at create and at patch, and boot nothing', async () => {
  const id = await active({ kernel_id: null, ramdisk_id: null, name: null, os_distro: 'debian' });
  const shown = await show(id);
  assert.deepEqual([shown.kernel_id, shown.ramdisk_id, shown.name], [null, null, null]);
  const proxied = await cloud.compute('GET', `/images/${id}/metadata`, { version: '2.1' });
  assert.deepEqual(proxied.body.metadata, { kernel_id: null, ramdisk_id: null, os_distro: 'debian' });
  assert.equal((await patch(id, { op: 'replace', path: '/kernel_id', value: ID })).status, 200);
  assert.equal((await create(id)).status, 400);
  assert.equal((await patch(id, { op: 'replace', path: '/kernel_id', value: null })).body.kernel_id, null);
  const made = await create(id);
  assert.equal(made.status, 202, made.text);
  await cloud.atRest(made.body.server.id);
  await cloud.compute('DELETE', `/servers/${made.body.server.id}`);
});

const nulls: readonly [field: string, status: number][] = [
  ...(['name', 'disk_format', 'container_format', 'kernel_id', 'ramdisk_id'].map((name) => [name, 201]) as [
    string,
    number,
  ][]),
  ...(['foo', 'os_distro', 'instance_uuid', 'hw_unique_serial', 'visibility', 'min_disk', 'min_ram'].map(
    (name) => [name, 400],
  ) as [string, number][]),
  ...(['protected', 'os_hidden', 'tags', 'id'].map((name) => [name, 400]) as [string, number][]),
  ...(['checksum', 'size', 'os_hash_value', 'virtual_size'].map((name) => [name, 403]) as [string, number][]),
];
test("null is a value where Glance's schema has it, and nowhere else", async () => {
  for (const [field, status] of nulls) assert.equal((await post({ [field]: null })).status, status, field);
  const foreign = await post({ owner: null });
  assert.equal(foreign.status, 403);
  assert.ok(foreign.text.includes("owned by 'None'"), foreign.text);
  const made = await post({ owner: null }, cloud.admin);
  assert.equal(made.status, 201);
  assert.notEqual(made.body.owner, null);
});

test('properties have a bound in all, however they are spread', async () => {
  const of = (count: number, length: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, at) => [`p${at}`, 'x'.repeat(length)]));
  for (const [fields, status] of [
    [of(1, 65_535), 201],
    [of(1, 65_536), 400],
    [of(2, 65_000), 201],
    [of(3, 65_000), 413],
    [of(128, 1_000), 201],
    [of(128, 1_100), 413],
    [{ a: '🙂'.repeat(30_000), b: '🙂'.repeat(10_000) }, 413],
  ] as const) {
    const answer = await post(fields);
    assert.equal(answer.status, status, answer.text.slice(0, 200));
    if (status === 413) assert.match(answer.text, /Maximum: 131072 bytes/);
  }
  const { id } = (await post(of(2, 65_000))).body;
  const more = await patch(id, { op: 'add', path: '/more', value: 'x'.repeat(5_000) });
  assert.equal(more.status, 413);
});

test('an image that has more than the bound already can be changed, but not grow', async () => {
  const many = Object.fromEntries(Array.from({ length: 8 }, (_, at) => [`p${at}`, 'x'.repeat(65_000)]));
  const id = await stored(many);
  assert.equal((await patch(id, { op: 'replace', path: '/name', value: 'n' })).status, 200);
  assert.equal((await patch(id, { op: 'add', path: '/more', value: 'x' })).status, 413);
  assert.equal((await patch(id, { op: 'remove', path: '/p0' })).status, 200);
  const made = await create(id);
  assert.equal(made.status, 202);
  await cloud.atRest(made.body.server.id);
  const row = await cloud.service.store.servers.find(made.body.server.id);
  assert.deepEqual(
    Object.values(row?.image.properties ?? {}).map((value) => value.length),
    Array.from({ length: 7 }, () => 255),
  );
  await cloud.compute('DELETE', `/servers/${made.body.server.id}`);
});

test('hw_unique_serial is judged before a copy is cut', async () => {
  const id = await stored({ hw_unique_serial: `${' '.repeat(300)}true` });
  const made = await create(id);
  await cloud.atRest(made.body.server.id);
  const row = await cloud.service.store.servers.find(made.body.server.id);
  assert.equal(row?.image.properties.hw_unique_serial, 'true');
  await cloud.compute('DELETE', `/servers/${made.body.server.id}`);
  const refused = await create(await stored({ hw_unique_serial: `${' '.repeat(300)}maybe` }));
  assert.equal(refused.status, 400);
});

test('what a definition cannot hold is refused where it is set, and a stored one at create', async () => {
  for (const bad of ['\u0001', '\u001b', '\ufffe', '\uffff']) {
    assert.equal((await post({ foo: `a${bad}` })).status, 400);
    assert.equal((await post({ [`a${bad}`]: 'x' })).status, 400);
    const refused = await create(await stored({ foo: `a${bad}` }));
    assert.equal(refused.status, 400);
    assert.match(messageOf(refused), /^Image property 'foo' has the character U\+/);
    const named = { server: { name: `s${bad}`, flavorRef: 'small', imageRef: cloud.image } };
    assert.equal((await cloud.compute('POST', '/servers', { body: named })).status, 400);
    for (const [path, body] of [
      ['/compute/v2.1/flavors', { flavor: { name: `f${bad}`, ram: 1, vcpus: 1, disk: 1 } }],
      ['/compute/v2.1/flavors/small/os-extra_specs', { extra_specs: { foo: `a${bad}` } }],
      ['/identity/v3/projects', { project: { name: `p${bad}` } }],
      ['/identity/v3/users', { user: { name: `u${bad}` } }],
    ] as const) {
      const answer = await cloud.ask({ method: 'POST', path, token: cloud.admin, body });
      assert.equal(answer.status, 400, `${path}: ${answer.text}`);
    }
  }
});

test('the JSON schema names the properties that are acted on, and what they take', async () => {
  const { body } = await cloud.ask({ path: '/image/v2/schemas/image', token });
  const { hw_unique_serial, kernel_id, hw_vif_model } = body.properties;
  assert.deepEqual([hw_unique_serial.type, hw_unique_serial.is_base], ['string', false]);
  assert.match(hw_unique_serial.description, /its own UUID as its serial/);
  assert.deepEqual(kernel_id.type, ['null', 'string']);
  assert.equal(hw_vif_model.enum, undefined);
  const { body: list } = await cloud.ask({ path: '/image/v2/schemas/images', token });
  assert.deepEqual(list.properties.images.items.properties, body.properties);
});

test('a page of large images ends early, and the next one goes on from there', async () => {
  const { images } = cloud.service.store;
  const [sample] = await images.list({}, { limit: 1 });
  assert.ok(sample);
  const properties = { large: 'x'.repeat(100_000) };
  const ids = Array.from({ length: 120 }, () => randomUUID() as ImageId);
  for (const id of ids)
    await images.insert({ ...sample, id, name: 'large', visibility: 'public', properties });
  for (const [list, nextOf] of [
    ['/image/v2/images', ({ next }: { next?: string }) => next && `/image${next}`],
    [
      '/compute/v2.1/images/detail',
      (body: { images_links?: { href: string }[] }) =>
        body.images_links?.[0]?.href.replace(cloud.service.url, ''),
    ],
  ] as const) {
    const seen: string[] = [];
    let pages = 0;
    for (let path: string | undefined = `${list}?limit=1000&name=large`; path; pages++) {
      const { body }: Answer = await cloud.ask({ path, token });
      assert.ok(JSON.stringify(body).length < 16 * 1024 * 1024);
      seen.push(...body.images.map(({ id }: { id: string }) => id));
      path = nextOf(body);
    }
    assert.deepEqual([...seen].sort(), [...ids].sort());
    assert.ok(pages > 1);
  }
  for (const id of ids) await images.delete(id);
});

test('a marker tells nothing of what one may not see: hidden, deleted and unknown are answered alike', async () => {
  const hidden = (await post({ visibility: 'private', owner: cloud.stranger.projectId }, cloud.admin)).body
    .id;
  const deleted = (await post({})).body.id;
  await cloud.ask({ method: 'DELETE', path: `/image/v2/images/${deleted}`, token });
  for (const list of ['/image/v2/images', '/compute/v2.1/images', '/compute/v2.1/images/detail']) {
    for (const marker of [hidden, deleted, ID, 'no-id', '%00']) {
      const answer = await cloud.ask({ path: `${list}?marker=${marker}`, token });
      assert.equal(answer.status, 400, `${list} ${marker}: ${answer.text}`);
      assert.ok(answer.text.includes(`marker [${decodeURIComponent(marker)}] not found`) || marker === '%00');
    }
    const first = await cloud.ask({ path: `${list}?limit=2`, token });
    const empty = await cloud.ask({ path: `${list}?limit=2&marker=`, token });
    assert.deepEqual(empty.body.images, first.body.images);
    assert.equal(first.body.images.length, 2);
    const upper = first.body.images[0].id.toUpperCase();
    const after = await cloud.ask({ path: `${list}?limit=1&marker=${upper}`, token });
    assert.equal(after.body.images[0].id, first.body.images[1].id);
  }
});

test('a flavor without a disk is for administrators, at create, rebuild and resize', async () => {
  for (const id of ['zero', 'zero-too']) {
    const flavor = { id, name: id, ram: 64, vcpus: 1, disk: 0 };
    await cloud.compute('POST', '/flavors', { token: cloud.admin, body: { flavor } });
  }
  const refusal = 'Only volume-backed servers are allowed for flavors with zero disk.';
  const refused = await create(cloud.image, 'zero');
  assert.deepEqual([refused.status, messageOf(refused)], [403, refusal]);
  const made = await create(cloud.image, 'zero', cloud.admin);
  assert.equal(made.status, 202, made.text);
  const { id } = made.body.server;
  await cloud.atRest(id);
  // A member of the administrators' project, who is none.
  const act = (body: object, by: string) =>
    cloud.compute('POST', `/servers/${id}/action`, { token: by, body });
  assert.equal((await act({ resize: { flavorRef: 'zero-too' } }, cloud.admin)).status, 202);
  await cloud.atRest(id);
  assert.equal((await act({ revertResize: null }, cloud.admin)).status, 202);
  await cloud.atRest(id);
  const own = await cloud.service.store.servers.find(server as never);
  assert.ok(own);
  await cloud.service.store.servers.update(own, { flavor: { ...own.flavor, rootGb: 0 } });
  const again = await rebuild(cloud.image);
  assert.deepEqual([again.status, messageOf(again)], [403, refusal]);
  const resized = await cloud.compute('POST', `/servers/${server}/action`, {
    body: { resize: { flavorRef: 'zero' } },
  });
  assert.deepEqual([resized.status, messageOf(resized)], [403, refusal]);
});
