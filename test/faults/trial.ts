import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openStore } from '../../src/store/open.ts';
import type { ApiRequest } from '../lab/case-request.ts';
import { ComputeClient } from '../lab/compute-client.ts';
import { requestOfPort } from '../lab/port-requests.ts';
import type { TestSettings } from '../lab/service.ts';
import type { Death } from './deaths.ts';
import { KNOWN_ADDRESSES, lostAddresses } from './lost-addresses.ts';
import { type MortalService, type Order, startMortalService } from './mortal-service.ts';

/** A cloud that dies and rises again, on one state directory. */
export class Trial {
  readonly #stateDir: string;
  readonly #settings: TestSettings;
  /** What the host holds of a server, as a sentence each. */
  readonly #leftOf: (server: string) => Promise<string[]>;
  #living: { service: MortalService; client: ComputeClient } | undefined;
  #count = 0;

  constructor(options: {
    stateDir: string;
    settings: TestSettings;
    leftOf: (server: string) => Promise<string[]>;
  }) {
    this.#stateDir = options.stateDir;
    this.#settings = options.settings;
    this.#leftOf = options.leftOf;
  }

  async #alive(): Promise<{ service: MortalService; client: ComputeClient }> {
    if (this.#living === undefined) {
      const service = await startMortalService(this.#stateDir, this.#settings);
      this.#living = { service, client: await ComputeClient.login(service.url, 10) };
    }
    return this.#living;
  }

  /**
   * Brings a server where the operation begins, has the service die at the boundary, starts it again, and
   * sees what became of the server.
   * @param status in which it must come to rest
   * @param around done right before the request that ends in death
   */
  async dieAndRise(death: Death, order: Order, expected: { status: string; around?: () => Promise<void> }) {
    const { service, client } = await this.#alive();
    const name = `server-${++this.#count}`;
    let id = '';
    for (const [request, status] of death.before) {
      id = (await this.#request(client, request, { name, id })) ?? id;
      await client.rests(id, status);
    }
    await expected.around?.();
    await service.dieAt(order);
    // The answer may be lost with the service.
    await this.#request(client, death.request[0], { name, id }).catch(() => {});
    await service.died();
    this.#living = undefined;

    const risen = (await this.#alive()).client;
    id ||= await this.#idOf(risen, name);
    if (expected.status === 'gone') await this.#isGone(risen, id);
    else await risen.rests(id, expected.status);
    return id;
  }

  /** Deletes the server: nothing of it and of its ports may be left, in the store and on the host. */
  async verifyCleanSlate(id: string): Promise<void> {
    const { client } = await this.#alive();
    if ((await client.send('GET', `/servers/${id}`)).status !== 404) await client.gone(id);
    assert.deepEqual(await this.#leftOf(id), [], 'nothing is left of a server that was deleted');
    assert.deepEqual(await client.portsOf(id), [], 'nor of its ports');
  }

  client(): Promise<ComputeClient> {
    return this.#alive().then(({ client }) => client);
  }

  /** Ends the service; what needs it next starts it again. */
  async restart(): Promise<void> {
    await this.#living?.service.stop();
    this.#living = undefined;
  }

  /** Ends the service; no operation may be left that has not ended, and no address that nobody can have. */
  async close(): Promise<void> {
    await this.restart();
    const file = join(this.#stateDir, 'nameplate.sqlite');
    const store = await openStore({ connection: `sqlite:///${file}` });
    try {
      assert.deepEqual(await store.operations.unfinished(), []);
      assert.deepEqual(await store.servers.list({}, { limit: 10 }), []);
      assert.deepEqual(await store.ports.list({}, { limit: 10 }), []);
      const subnets = await store.subnets.list({}, { limit: 10 });
      const pools = subnets.flatMap(({ allocationPools }) => allocationPools);
      assert.ok(pools.length > 0, 'there are addresses');
      assert.equal(lostAddresses(pools, rangesIn(file)), 0n);
    } finally {
      await store.close();
    }
  }

  async #create(client: ComputeClient, name: string): Promise<string> {
    const imageRef = await client.imageId('nameplate-demo');
    return client.createServer({ name, imageRef, flavorRef: '1', networks: 'auto' });
  }

  /** @returns the id of a server that it makes */
  async #request(client: ComputeClient, request: ApiRequest, { name, id }: { name: string; id: string }) {
    if (request === 'create') return this.#create(client, name);
    if (request === 'attach port' || request === 'detach port') await requestOfPort(client, request, id);
    else if (request === 'delete') await client.ask('DELETE', `/servers/${id}`);
    else await client.ask('POST', `/servers/${id}/action`, await inTrialsNames(client, request));
    return undefined;
  }

  async #idOf(client: ComputeClient, name: string): Promise<string> {
    const path = `/servers?name=${name}%24`;
    const { servers } = (await client.ask('GET', path)) as { servers: { id: string }[] };
    assert.equal(servers.length, 1, `${name} was written down`);
    return servers[0]!.id;
  }

  async #isGone(client: ComputeClient, id: string): Promise<void> {
    for (;;) {
      const { status, body } = await client.send('GET', `/servers/${id}`);
      if (status === 404) return;
      const { server } = body as { server: Record<string, unknown> };
      assert.equal(server['OS-EXT-STS:task_state'], 'deleting');
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}

function rangesIn(file: string): { first: string; last: string }[] {
  using database = new DatabaseSync(file, { readOnly: true });
  return database.prepare(KNOWN_ADDRESSES).all() as unknown as { first: string; last: string }[];
}

/** The flavor and the image that a resize and a rebuild take here. */
async function inTrialsNames(client: ComputeClient, request: ApiRequest): Promise<ApiRequest> {
  if (typeof request === 'string') throw new Error(`a request '${request}' needs more than one host`);
  if ('resize' in request) return { resize: { flavorRef: '2' } };
  if ('rebuild' in request) return { rebuild: { imageRef: await client.imageId('nameplate-demo') } };
  return request;
}
