import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type Answer, type CloudUnderTest, startCloud } from './cloud-under-test.ts';

/**
 * Every road that leads from a request to the data of an image asks whether the caller may see the image, and
 * whether it is active.
 */

const STATUSES = ['queued', 'active', 'deactivated', 'deleted'] as const;
type Status = (typeof STATUSES)[number];
/** Of an image that belongs to the stranger; the member of another project refers to it. */
const VISIBILITIES = {
  private: { visibility: 'private', isSeen: false },
  'shared with nobody': { visibility: 'shared', isSeen: false },
  'shared and pending': { visibility: 'shared', member: 'pending', isSeen: true },
  'shared and accepted': { visibility: 'shared', member: 'accepted', isSeen: true },
  'shared and rejected': { visibility: 'shared', member: 'rejected', isSeen: true },
  community: { visibility: 'community', isSeen: true },
  public: { visibility: 'public', isSeen: true },
} as const;
type Sharing = (typeof VISIBILITIES)[keyof typeof VISIBILITIES];

let cloud: CloudUnderTest;
let server: string;
before(async () => {
  cloud = await startCloud([['quota', 'instances', '200']], ['cmp1', 'cmp2']);
  server = await cloud.server();
});
after(async () => {
  assert.deepEqual(cloud.errors, []);
  await cloud.close();
});

async function image(method: string, path: string, how: { token: string; body?: unknown }): Promise<Answer> {
  const answer = await cloud.ask({ method, path: `/image/v2/images${path}`, ...how });
  assert.ok(answer.status < 300, `${method} ${path}: ${answer.text}`);
  return answer;
}

async function upload(id: string, token: string, data: string): Promise<void> {
  const headers = { 'content-type': 'application/octet-stream' };
  const path = `/image/v2/images/${id}/file`;
  assert.equal((await cloud.ask({ method: 'PUT', path, token, headers, body: data })).status, 204);
}

async function imageOf(token: string, fields: object): Promise<string> {
  const body = { disk_format: 'raw', container_format: 'bare', ...fields };
  const made = await image('POST', '', { token, body });
  return made.body.id;
}

/** An image of the stranger's. */
async function foreignImage(sharing: Sharing): Promise<string> {
  const { stranger, admin, member } = cloud;
  const { visibility } = sharing;
  const token = visibility === 'public' ? admin : stranger.token;
  const id = await imageOf(token, { visibility, owner: stranger.projectId });
  if (!('member' in sharing)) return id;
  await image('POST', `/${id}/members`, { token, body: { member: member.projectId } });
  if (sharing.member === 'pending') return id;
  const body = { status: sharing.member };
  await image('PUT', `/${id}/members/${member.projectId}`, { token: member.token, body });
  return id;
}

async function bring(id: string, status: Status): Promise<void> {
  const token = cloud.admin;
  if (status === 'queued') return;
  await upload(id, token, 'data');
  if (status === 'deactivated') await image('POST', `/${id}/actions/deactivate`, { token });
  if (status === 'deleted') await image('DELETE', `/${id}`, { token });
}

/** An active image of the member's whose property names another. */
async function naming(property: string, id: string): Promise<string> {
  const { token } = cloud.member;
  const made = await imageOf(token, { [property]: id });
  await upload(made, token, 'data');
  return made;
}

const create = (wish: object) =>
  cloud.compute('POST', '/servers', { body: { server: { name: 's', flavorRef: 'small', ...wish } } });
const rebuild = (imageRef: string) =>
  cloud.compute('POST', `/servers/${server}/action`, { body: { rebuild: { imageRef } } });

/** Roads of a member's request: each is prepared while the image may still be there. */
const ROADS: Readonly<Record<string, (id: string) => Promise<() => Promise<Answer>>>> = {
  'create from the image': async (id) => () => create({ imageRef: id }),
  'create from the id without dashes': async (id) => () => create({ imageRef: id.replaceAll('-', '') }),
  'create by a block device mapping': async (uuid) => () => {
    const device = { source_type: 'image', destination_type: 'local', boot_index: 0, uuid };
    return create({ block_device_mapping_v2: [device] });
  },
  'create with its kernel': async (id) => {
    const imageRef = await naming('kernel_id', id);
    return () => create({ imageRef });
  },
  'create with its ramdisk': async (id) => {
    const imageRef = await naming('ramdisk_id', id.toUpperCase());
    return () => create({ imageRef });
  },
  'rebuild from the image': async (id) => () => rebuild(id),
  'rebuild with its kernel': async (id) => {
    const imageRef = await naming('kernel_id', id);
    return () => rebuild(imageRef);
  },
};

async function expectAnswer(answer: Answer, isUsable: boolean, what: string): Promise<void> {
  assert.equal(answer.status, isUsable ? 202 : 400, `${what}: ${answer.text}`);
  if (!isUsable) {
    assert.match(answer.text, /Can not find requested image|is not active\.|could not be found\./, what);
    return;
  }
  await cloud.atRest(server);
  if (answer.body.server.id === server) return;
  const made = await cloud.atRest(answer.body.server.id);
  assert.equal(made?.status, 'ACTIVE', what);
  await cloud.compute('DELETE', `/servers/${answer.body.server.id}`);
}

describe('a reference to an image of another project', () => {
  for (const [name, sharing] of Object.entries(VISIBILITIES))
    for (const status of STATUSES) {
      const isUsable = sharing.isSeen && status === 'active';
      test(`${name} and ${status}, is ${isUsable ? 'taken' : 'refused'} on every road`, async () => {
        const id = await foreignImage(sharing);
        const roads = new Map<string, () => Promise<Answer>>();
        for (const [road, prepare] of Object.entries(ROADS)) roads.set(road, await prepare(id));
        await bring(id, status);
        for (const [road, go] of roads) await expectAnswer(await go(), isUsable, road);
      });
    }
});

describe('a reference by an administrator', () => {
  for (const status of STATUSES)
    test(`to a private image of another project that is ${status}: caching it ahead and its kernel`, async () => {
      const id = await foreignImage(VISIBILITIES.private);
      const withKernel = await naming('kernel_id', id);
      await bring(id, status);
      const token = cloud.admin;
      const aggregate = await cloud.compute('POST', '/os-aggregates', {
        ...{ token, body: { aggregate: { name: `of ${id}`, availability_zone: null } } },
      });
      for (const image of [id, withKernel]) {
        const answer = await cloud.compute('POST', `/os-aggregates/${aggregate.body.aggregate.id}/images`, {
          ...{ token, version: '2.81', body: { cache: [{ id: image }] } },
        });
        assert.equal(answer.status, status === 'active' ? 202 : 400, answer.text);
      }
    });
});

describe('a server that was made while its image was active', () => {
  const forceDown = async (host: string, forced_down: boolean) => {
    const body = { host, binary: 'nova-compute', forced_down };
    const how = { token: cloud.admin, version: '2.11', body };
    assert.equal((await cloud.compute('PUT', '/os-services/force-down', how)).status, 200);
  };

  for (const status of ['active', 'deactivated', 'deleted'] as const)
    test(`keeps working when the image is ${status}; its image is fetched anew only while active`, async () => {
      const { admin, member } = cloud;
      const id = await imageOf(member.token, {});
      await upload(id, admin, 'data');
      const how = { token: admin, version: '2.74' } as const;
      const wish = { name: 's', flavorRef: 'small', imageRef: id, host: 'cmp1', networks: 'auto' };
      const made = await cloud.compute('POST', '/servers', { ...how, body: { server: wish } });
      const own = made.body.server?.id;
      assert.equal((await cloud.atRest(own))?.status, 'ACTIVE', made.text);
      if (status === 'deactivated') await image('POST', `/${id}/actions/deactivate`, { token: admin });
      if (status === 'deleted') await image('DELETE', `/${id}`, { token: admin });
      const act = async (body: object, version = '2.1') => {
        const answer = await cloud.compute('POST', `/servers/${own}/action`, { token: admin, body, version });
        assert.ok(answer.status < 300, answer.text);
        return cloud.atRest(own);
      };
      assert.equal((await act({ reboot: { type: 'HARD' } }))?.status, 'ACTIVE');
      assert.equal((await act({ resize: { flavorRef: 'large' } }))?.status, 'VERIFY_RESIZE');
      assert.equal((await act({ revertResize: null }))?.status, 'ACTIVE');
      await forceDown('cmp1', true);
      const evacuated = await act({ evacuate: { host: 'cmp2' } }, '2.68');
      const isMoved = evacuated?.['OS-EXT-SRV-ATTR:host'] === 'cmp2';
      assert.equal(isMoved, status === 'active');
      await forceDown('cmp1', false);
      await cloud.compute('DELETE', `/servers/${own}`, { token: admin });
    });
});
