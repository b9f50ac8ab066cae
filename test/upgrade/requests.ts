import assert from 'node:assert/strict';
import type { ServerId } from '../../src/model/ids.ts';
import { HOST } from '../lab/cloud-host.ts';
import type { ComputeClient } from '../lab/compute-client.ts';
import { requestOfPort } from '../lab/port-requests.ts';
import { FLAVORS, IMAGES, type UpgradeCase } from './cases.ts';

/** Gives a new cloud its flavors and images. */
export async function furnish(client: ComputeClient): Promise<void> {
  for (const { id, vcpus, ram, disk, extraSpecs } of FLAVORS) {
    await client.ask('POST', '/flavors', { flavor: { id, name: id, vcpus, ram, disk } });
    if (Object.keys(extraSpecs).length > 0)
      await client.ask('POST', `/flavors/${id}/os-extra_specs`, { extra_specs: extraSpecs });
  }
  for (const { name, properties } of IMAGES) {
    const formats = { disk_format: 'raw', container_format: 'bare' };
    const image = { name, visibility: 'public', ...formats, ...properties };
    const { id } = (await client.ask('POST', '/image/v2/images', image)) as { id: string };
    await client.upload(id, Buffer.alloc(512));
  }
}

/** A server in the state that a case begins from; undefined where the case makes it. */
export async function serverFor(client: ComputeClient, { from }: UpgradeCase): Promise<ServerId | undefined> {
  let id: ServerId | undefined;
  for (const [request, status] of from) {
    id = await send(client, request, id);
    await client.rests(id, status);
  }
  return id;
}

/** Sends a request that begins an operation. @returns the server that it is about */
export async function send(
  client: ComputeClient,
  request: UpgradeCase['request'],
  server: ServerId | undefined,
): Promise<ServerId> {
  if (request === 'create') {
    const imageRef = await client.imageId('plain');
    return (await client.createServer({
      ...{ name: 'web', imageRef, flavorRef: 'small' },
      host: HOST,
    })) as ServerId;
  }
  assert.ok(server, 'the request is about a server');
  if (request === 'attach port' || request === 'detach port') await requestOfPort(client, request, server);
  else if (request === 'delete') await client.ask('DELETE', `/servers/${server}`);
  else if (request === 'evacuate') await evacuate(client, server);
  else await client.ask('POST', `/servers/${server}/action`, await withImageId(client, request));
  return server;
}

async function withImageId(client: ComputeClient, action: Readonly<Record<string, unknown>>) {
  if (!('rebuild' in action)) return action;
  const { imageRef } = action.rebuild as { imageRef: string };
  return { rebuild: { imageRef: await client.imageId(imageRef) } };
}

/** The server's host is said to be down, although its agent goes on: as one that cannot be reached. */
async function evacuate(client: ComputeClient, server: ServerId): Promise<void> {
  const path = `/os-services?host=${HOST}&binary=nova-compute`;
  const { services } = (await client.ask('GET', path)) as { services: { id: string }[] };
  const force = (down: boolean) =>
    client.ask('PUT', `/os-services/${services[0]?.id}`, { forced_down: down });
  await force(true);
  await client.ask('POST', `/servers/${server}/action`, { evacuate: {} });
  await force(false);
}
