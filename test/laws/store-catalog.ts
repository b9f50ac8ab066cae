import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { it } from 'node:test';
import type { Flavor } from '../../src/model/flavor.ts';
import type { FlavorId, ImageId, ProjectId, UserId } from '../../src/model/ids.ts';
import type { Image, ImageDataName, ImageMember } from '../../src/model/image.ts';
import type { ImageFilter } from '../../src/store/promise/images.ts';
import type { TheStore } from './store.ts';

const MINE = 'mine' as ProjectId;
const YOURS = 'yours' as ProjectId;

function flavor(id: string, fields: Partial<Flavor> = {}): Flavor {
  return {
    id: id as FlavorId,
    generation: 1,
    name: `flavor ${id}`,
    vcpus: 1,
    ramMb: 512,
    rootGb: 1,
    ephemeralGb: 0,
    swapMb: 0,
    rxtxFactor: 1.5,
    extraSpecs: {},
    description: null,
    isPublic: true,
    disabled: false,
    access: [],
    createdAt: 1,
    ...fields,
  };
}

function image(fields: Partial<Image> = {}): Image {
  return {
    id: randomUUID() as ImageId,
    generation: 1,
    name: 'demo',
    owner: YOURS,
    status: 'active',
    visibility: 'private',
    protected: false,
    hidden: false,
    diskFormat: 'qcow2',
    containerFormat: 'bare',
    minDisk: 0,
    minRam: 0,
    size: 5_000_000_000,
    virtualSize: null,
    checksum: null,
    hashValue: null,
    data: 'the data of an upload' as ImageDataName,
    upload: null,
    properties: {},
    tags: [],
    createdAt: 100,
    updatedAt: 100,
    ...fields,
  };
}

/** What servers are made from: flavors, images, keypairs. */
export function storeCatalogLaws(the: TheStore): void {
  it('keeps a flavor, and refuses a name or id that is taken', async () => {
    const { flavors } = the().store;
    const made = flavor('1', { extraSpecs: { 'hw:unique_serial': 'true' }, description: 'd' });
    await flavors.insert(made);
    assert.deepEqual(await flavors.find(made.id), made);
    await assert.rejects(flavors.insert(flavor('1', { name: 'new' })), { kind: 'conflict', message: /ID 1/ });
    await assert.rejects(flavors.insert(flavor('new', { name: made.name })), {
      kind: 'conflict',
      message: /flavor 1/,
    });
    assert.equal(await flavors.find('new' as FlavorId), undefined);
  });

  it('changes a flavor of the generation that was seen', async () => {
    const { flavors } = the().store;
    const made = flavor('2', { isPublic: false });
    await flavors.insert(made);
    const extraSpecs = { a: 'b' };
    const changed = await flavors.update(made, { extraSpecs, access: [MINE] });
    assert.deepEqual(changed, { ...made, extraSpecs, access: [MINE], generation: 2 });
    assert.deepEqual(await flavors.find(made.id), changed);
    await assert.rejects(flavors.update(made, { extraSpecs: {} }), { kind: 'conflict' });
    await assert.rejects(flavors.update(flavor('none'), {}), { kind: 'not-found' });
  });

  it('lists flavors by filter, order and page, and deletes them', async () => {
    const { flavors } = the().store;
    await flavors.insert(flavor('3', { ramMb: 4_096, rootGb: 20, isPublic: false, access: [MINE, YOURS] }));
    await flavors.insert(flavor('4', { ramMb: 2_048, disabled: true }));
    const ids = async (...asked: Parameters<typeof flavors.list>) =>
      (await flavors.list(...asked)).map(({ id }) => id);
    assert.deepEqual(await ids({}, { limit: 9 }), ['1', '2', '3', '4']);
    assert.deepEqual(await ids({ visibleTo: YOURS }, { limit: 9 }), ['1', '3', '4']);
    assert.deepEqual(await ids({ visibleTo: 'no one' as ProjectId }, { limit: 9 }), ['1', '4']);
    assert.deepEqual(await ids({ isPublic: false }, { limit: 9 }), ['2', '3']);
    assert.deepEqual(await ids({ minRamMb: 2_048, minDiskGb: 2 }, { limit: 9 }), ['3']);
    assert.deepEqual(await ids({ disabled: true }, { limit: 9 }), ['4']);
    const bySize = [{ key: 'memory_mb', direction: 'desc' }] as const;
    assert.deepEqual(await ids({}, { limit: 2, sort: bySize }), ['3', '4']);
    assert.deepEqual(await ids({}, { limit: 2, sort: bySize, marker: '4' }), ['2', '1']);
    await assert.rejects(ids({}, { limit: 1, marker: 'x' }), { kind: 'invalid' });
    assert.equal(await flavors.delete('3' as FlavorId), true);
    assert.equal(await flavors.delete('3' as FlavorId), false);
    assert.deepEqual(await ids({ visibleTo: YOURS }, { limit: 9 }), ['1', '4']);
  });

  it('keeps an image, and changes it at the generation that was seen', async () => {
    const { images } = the().store;
    const made = image({ name: null, tags: ['b', 'a'], properties: { os: 'x' } });
    await images.insert(made);
    await assert.rejects(images.insert(made), {
      kind: 'conflict',
      message: `Image ID ${made.id} already exists!`,
    });
    assert.deepEqual(await images.find(made.id), made);
    const changed = await images.update(made, { status: 'deactivated', tags: ['c'], updatedAt: 200 });
    assert.deepEqual(changed, {
      ...made,
      status: 'deactivated',
      tags: ['c'],
      updatedAt: 200,
      generation: 2,
    });
    assert.deepEqual(await images.find(made.id), changed);
    await assert.rejects(images.update(made, { name: 'late' }), { kind: 'conflict' });
    assert.deepEqual(await images.list({ tags: ['a'] }, { limit: 9 }), []);
    assert.equal((await images.delete(made.id))?.id, made.id);
    assert.equal(await images.delete(made.id), undefined);
  });

  it('never gives the id of a deleted image to another, also after a restart', async () => {
    const [gone, failed, other] = [image(), image(), image()];
    await the().store.images.insert(gone);
    await the().store.images.delete(gone.id);
    await the().store.images.delete(failed.id); // it was never there
    const { images, retiredIds } = await the().reopen();
    const taken = { kind: 'conflict', message: `Image ID ${gone.id} already exists!` };
    await assert.rejects(images.insert(image({ id: gone.id, owner: MINE })), taken);
    await assert.rejects(images.insert(gone), taken);
    assert.equal(await images.find(gone.id), undefined);
    await images.insert(failed);
    assert.equal(await retiredIds.has({ kind: 'image', id: gone.id }), true);
    assert.equal(await retiredIds.has({ kind: 'server', id: gone.id }), false);
    const asked = [gone.id, failed.id, other.id];
    assert.deepEqual(await retiredIds.among('image', asked), new Set([gone.id]));
    assert.deepEqual(await retiredIds.among('image', []), new Set());
  });

  it('shows a project its images, the public ones and those shared with it', async () => {
    const { images } = the().store;
    const member = (of: Image, status: ImageMember['status']) =>
      images.putMember({ imageId: of.id, memberId: MINE, status, createdAt: 1, updatedAt: 2 });
    const all = [
      image({ name: 'own', owner: MINE }),
      image({ name: 'private' }),
      image({ name: 'public', visibility: 'public' }),
      image({ name: 'community', visibility: 'community' }),
      image({ name: 'accepted', visibility: 'shared' }),
      image({ name: 'pending', visibility: 'shared' }),
      image({ name: 'unshared', visibility: 'shared' }),
    ];
    for (const one of all) await images.insert(one);
    await member(all[4] as Image, 'accepted');
    await member(all[5] as Image, 'pending');
    const names = async (filter: ImageFilter) =>
      (await images.list({ visibleTo: MINE, ...filter }, { limit: 99 })).map(({ name }) => name).sort();
    assert.deepEqual(await names({}), ['accepted', 'own', 'public']);
    assert.deepEqual(await names({ visibility: 'community' }), ['community']);
    assert.deepEqual(await names({ visibility: 'shared', memberStatus: 'pending' }), ['pending']);
    assert.deepEqual(await names({ visibility: 'shared', memberStatus: 'all' }), ['accepted', 'pending']);
    await member(all[5] as Image, 'accepted');
    assert.deepEqual(await names({ visibility: 'shared' }), ['accepted', 'pending']);
    assert.equal((await images.members((all[5] as Image).id))[0]?.status, 'accepted');
    assert.equal(await images.deleteMember((all[5] as Image).id, MINE), true);
    assert.equal(await images.deleteMember((all[5] as Image).id, MINE), false);
    assert.deepEqual(await names({ visibility: 'shared' }), ['accepted']);
  });

  it('narrows and pages images', async () => {
    const { images } = the().store;
    const owner = randomUUID() as ProjectId;
    const [a, b, c] = [
      image({ owner, name: 'a', size: 10, tags: ['x', 'y'], createdAt: 1_000 }),
      image({
        owner,
        name: 'b',
        size: null,
        properties: { hw_unique_serial: 'true', os: 'l' },
        hidden: true,
      }),
      image({ owner, name: null, size: 30, diskFormat: 'raw', protected: true, tags: ['x'], updatedAt: 500 }),
    ] as const;
    for (const one of [a, b, c]) await images.insert(one);
    const cases: [ImageFilter, Image[]][] = [
      [{ names: ['a', 'b'] }, [a, b]],
      [{ names: [] }, []],
      [{ tags: ['x', 'y'] }, [a]],
      [{ sizeMin: 10, sizeMax: 20 }, [a]],
      [{ diskFormats: ['raw'], containerFormats: ['bare'] }, [c]],
      [{ statuses: ['queued'] }, []],
      [{ hidden: false, protected: false }, [a]],
      [{ properties: { hw_unique_serial: 'true', os: 'l' } }, [b]],
      [{ properties: { os: 'other' } }, []],
      [
        {
          createdAt: [
            { operator: 'gt', at: 100 },
            { operator: 'lte', at: 1_000 },
          ],
        },
        [a],
      ],
      [{ updatedAt: [{ operator: 'neq', at: 100 }] }, [c]],
    ];
    const sort = [{ key: 'name', direction: 'desc' }] as const;
    for (const [filter, expected] of cases) {
      const found = await images.list({ owner, ...filter }, { limit: 9, sort });
      const names = (list: readonly Image[]) => list.map(({ name }) => name).sort();
      assert.deepEqual(names(found), names(expected), JSON.stringify(filter));
    }
    assert.deepEqual(await images.list({ owner }, { limit: 9, sort }), [b, a, c]);
    assert.deepEqual(await images.list({ owner }, { limit: 9, sort, marker: a.id }), [c]);
    assert.deepEqual((await images.list({ owner }, { limit: 1 }))[0], a);
    await assert.rejects(images.list({}, { limit: 9, marker: 'x' }), { kind: 'invalid' });
  });

  it('keeps keypairs under each user', async () => {
    const { keypairs } = the().store;
    const user = randomUUID() as UserId;
    const pair = (name: string) =>
      ({ userId: user, name, type: 'ssh', publicKey: 'k', fingerprint: 'f', createdAt: 1 }) as const;
    const second = await keypairs.insert(pair('b'));
    const first = await keypairs.insert(pair('a'));
    assert.ok(first.number > second.number);
    await assert.rejects(keypairs.insert(pair('a')), {
      kind: 'conflict',
      message: "Key pair 'a' already exists.",
    });
    await keypairs.insert({ ...pair('a'), userId: 'someone else' as UserId });
    assert.deepEqual(await keypairs.find(user, 'a'), first);
    assert.deepEqual(await keypairs.list(user, { limit: 9 }), [first, second]);
    assert.deepEqual(await keypairs.list(user, { limit: 9, marker: 'a' }), [second]);
    await assert.rejects(keypairs.list(user, { limit: 9, marker: 'z' }), { kind: 'invalid' });
    assert.equal(await keypairs.count(user), 2);
    assert.equal(await keypairs.delete(user, 'a'), true);
    assert.equal(await keypairs.delete(user, 'a'), false);
    assert.equal(await keypairs.count(user), 1);
  });
}
