import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type CloudUnderTest, startCloud } from '../cloud-under-test.ts';
import { play } from './client-request.ts';
import { clusterApi } from './cluster-api.ts';
import { packer } from './packer.ts';
import { terraform } from './terraform.ts';

const KEY = `ssh-ed25519 ${Buffer.from([
  ...[0, 0, 0, 11],
  ...Buffer.from('ssh-ed25519'),
  ...[0, 0, 0, 32],
  ...Buffer.alloc(32, 7),
]).toString('base64')} me`;

describe('the requests that clients make, as their sources write them', () => {
  let cloud: CloudUnderTest;
  let imageName: string;
  before(async () => {
    cloud = await startCloud();
    const { body } = await cloud.ask({ path: `/image/v2/images/${cloud.image}`, token: cloud.member.token });
    imageName = body.name;
  });
  after(async () => {
    assert.deepEqual(cloud.errors, []);
    await cloud.close();
  });

  for (const table of [packer, terraform, clusterApi])
    it(`${table.client} gets what it needs, as a member of a project`, () =>
      play(cloud, table, { token: cloud.member.token, known: { publicKey: KEY, imageName } }));
});
