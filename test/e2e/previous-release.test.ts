import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ComputeClient } from '../lab/compute-client.ts';
import { natsObstacle } from '../lab/nats.ts';
import type { Part } from '../lab/part.ts';
import { type Parts, startParts } from '../lab/parts.ts';
import { checkOutPreviousRelease, previousReleaseObstacle, type Release } from '../lab/previous-release.ts';

const obstacle = natsObstacle() ?? (await previousReleaseObstacle()) ?? false;
const SIMULATED = { nameplate: { driver: 'simulated' }, DEFAULT: { report_interval: '1' } };

describe('an agent of the previous release with this control plane', {
  skip: obstacle,
  timeout: 120_000,
}, () => {
  let release: Release;
  let parts: Parts;
  let agent: Part;
  let client: ComputeClient;

  before(async () => {
    release = await checkOutPreviousRelease();
    parts = await startParts({ command: release.command });
    const replica = await parts.serve('replica1');
    await parts.furnish({ guests: false });
    agent = await parts.agent('old', SIMULATED, release);
    client = await ComputeClient.login(replica.url);
  });
  after(async () => {
    console.error(agent?.logged.join('\n'));
    await parts?.close();
    await release?.remove();
  });

  it('creates, stops, starts and deletes a server', async () => {
    const imageRef = await client.imageId('nameplate-demo');
    const id = await client.createServer({ name: 'one', imageRef, flavorRef: '1' });
    await client.rests(id, 'ACTIVE');
    await client.act(id, { 'os-stop': null }, 'SHUTOFF');
    await client.act(id, { 'os-start': null }, 'ACTIVE');
    await client.gone(id);
    assert.ok(true);
  });
});
