import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { createInProcessBus } from '../../src/bus/in-process.ts';
import { loadConfig } from '../../src/config/load.ts';
import { type Control, startControl } from '../../src/main/control.ts';
import type { ImageId } from '../../src/model/ids.ts';
import { createImageLinks } from '../../src/operations/engine/image-links.ts';
import { PASSWORD } from './cloud-under-test.ts';

const HOUR = 3_600_000;

describe('the door to image data for hosts, with what a stolen host has', () => {
  let folder: string;
  let control: Control;
  let secret: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nameplate-links-'));
    const flag = 'the test';
    const { config } = loadConfig({
      sources: [],
      overrides: [
        { group: 'DEFAULT', option: 'state_path', text: folder, flag },
        { group: 'nameplate', option: 'listen', text: '127.0.0.1:0', flag },
      ],
    });
    const bus = createInProcessBus();
    control = await startControl({
      ...{ config, bus, adminPassword: PASSWORD, shared: false },
      log: () => undefined,
    });
    secret = await control.store.secrets.agree('image-links', 'another');
  });
  after(async () => {
    await control.close();
    await rm(folder, { recursive: true });
  });

  const given = randomUUID() as ImageId;
  const linkTo = (image: ImageId, how: { at?: number; key?: string } = {}) => {
    const links = createImageLinks({
      secret: how.key ?? secret,
      base: () => control.url,
      now: () => how.at ?? Date.now(),
    });
    return new URL(links.linksTo([image])[image] ?? '');
  };
  const status = async (url: URL | string) => (await fetch(url)).status;

  it('admits a link for its image: one that is not there is then not found', async () => {
    assert.equal(await status(linkTo(given)), 404);
  });

  it('refuses a link that was given out for one image for any other', async () => {
    const { search } = linkTo(given);
    for (const other of [randomUUID(), given.toUpperCase(), `${given}%20`, `x%2F..%2F${given}`])
      assert.equal(await status(`${control.url}/nameplate/v1/image-data/${other}${search}`), 403, other);
  });

  it('refuses a link whose time is over, was changed, or was signed by another key', async () => {
    assert.equal(await status(linkTo(given, { at: Date.now() - HOUR })), 403);
    assert.equal(await status(linkTo(given, { key: 'guessed' })), 403);
    const longer = linkTo(given);
    longer.searchParams.set('until', String(Date.now() + HOUR));
    assert.equal(await status(longer), 403);
    const keyless = linkTo(given);
    keyless.searchParams.set('key', '');
    assert.equal(await status(keyless), 403);
  });

  it('opens no other door: a link is no token', async () => {
    const { search } = linkTo(given);
    for (const path of ['/image/v2/images', `/image/v2/images/${given}/file`, '/compute/v2.1/servers'])
      assert.equal(await status(`${control.url}${path}${search}`), 401, path);
  });
});
