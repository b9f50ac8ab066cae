import type { ComputeClient } from '../lab/compute-client.ts';

/** What a client knows of a server of its own. */
interface Known {
  readonly id: string;
  /** The last value of its counter that was acknowledged, and the one that was sent last. */
  acknowledged: number;
  sent: number;
  /** A delete was sent; it may have been carried out. */
  deleting: boolean;
}

const SERVERS = 3;
const COUNTER = 'counter';
const ACTIONS = [
  { reboot: { type: 'HARD' } },
  { 'os-stop': null },
  { 'os-start': null },
  { pause: null },
  { unpause: null },
  { resize: { flavorRef: '2' } },
  { confirmResize: null },
  { revertResize: null },
];

/** Statuses in which a server may rest after any of the actions. */
const AT_REST = ['ACTIVE', 'SHUTOFF', 'PAUSED', 'VERIFY_RESIZE'];

/**
 * A client that makes, changes and deletes servers, and keeps in mind what was acknowledged to it.
 * Its choices come from a number, so that a run can be had again.
 */
export class LoadClient {
  readonly #name: string;
  readonly #random: () => number;
  readonly #servers: Known[] = [];
  readonly #deleted: string[] = [];
  #made = 0;

  constructor(name: string, random: () => number) {
    this.#name = name;
    this.#random = random;
  }

  /** Sends requests until the service is gone. @param acknowledged called at each answer */
  async run(client: ComputeClient, image: string, acknowledged: () => void): Promise<void> {
    for (;;)
      try {
        await this.#request(client, image);
        acknowledged();
      } catch (error) {
        if (!isGone(error)) throw error;
        return;
      }
  }

  async #request(client: ComputeClient, image: string): Promise<void> {
    const server = this.#servers[Math.floor(this.#random() * SERVERS)];
    if (server === undefined) return this.#create(client, image);
    const choice = this.#random();
    if (choice < 0.1) return this.#delete(client, server);
    if (choice < 0.5) return this.#count(client, server);
    const action = ACTIONS[Math.floor(this.#random() * ACTIONS.length)];
    // A refusal, because something else is going on or the state is another one, is an answer too.
    const { status } = await client.send('POST', `/servers/${server.id}/action`, action);
    if (![202, 204, 400, 409].includes(status))
      throw new Error(`${JSON.stringify(action)} answered ${status}`);
  }

  async #create(client: ComputeClient, imageRef: string): Promise<void> {
    const name = `${this.#name}-${++this.#made}`;
    const id = await client.createServer({ name, imageRef, flavorRef: '1' });
    this.#servers.push({ id, acknowledged: 0, sent: 0, deleting: false });
  }

  async #count(client: ComputeClient, server: Known): Promise<void> {
    const value = ++server.sent;
    const body = { metadata: { [COUNTER]: String(value) } };
    const { status } = await client.send('POST', `/servers/${server.id}/metadata`, body);
    if (status === 200) server.acknowledged = value;
    else if (status !== 409) throw new Error(`metadata answered ${status}`);
  }

  async #delete(client: ComputeClient, server: Known): Promise<void> {
    server.deleting = true;
    await client.ask('DELETE', `/servers/${server.id}`);
    this.#servers.splice(this.#servers.indexOf(server), 1);
    this.#deleted.push(server.id);
  }

  /** Waits until all servers rest. @returns what was acknowledged and is not so, a sentence each */
  async lost(client: ComputeClient): Promise<string[]> {
    const found: string[] = [];
    await this.#deleteUnknown(client);
    for (const id of this.#deleted.splice(0)) await goneAtLast(client, id);
    for (const server of [...this.#servers]) {
      const fault = await this.#lostOf(client, server);
      if (fault !== undefined) found.push(`${this.#name}: server ${server.id} ${fault}`);
    }
    return found;
  }

  /** A create whose answer was lost may have made a server all the same. */
  async #deleteUnknown(client: ComputeClient): Promise<void> {
    const { servers } = (await client.ask('GET', `/servers?name=^${this.#name}-`)) as {
      servers: { id: string }[];
    };
    for (const { id } of servers.filter((one) => this.#servers.every((known) => known.id !== one.id))) {
      await client.send('DELETE', `/servers/${id}`);
      await goneAtLast(client, id);
    }
  }

  async #lostOf(client: ComputeClient, server: Known): Promise<string | undefined> {
    if (server.deleting) {
      // The service died before it answered: the delete was written down or not, and a second one is right
      // either way.
      await client.send('DELETE', `/servers/${server.id}`);
      await goneAtLast(client, server.id);
      this.#servers.splice(this.#servers.indexOf(server), 1);
      return undefined;
    }
    const shown = await atRest(client, server.id);
    if (shown === undefined) return 'is not there';
    const count = Number(shown.metadata[COUNTER] ?? 0);
    if (count < server.acknowledged || count > server.sent)
      return `counts ${count}, not ${server.acknowledged}`;
    server.acknowledged = count;
    return AT_REST.includes(shown.status) ? undefined : `is ${shown.status}: ${JSON.stringify(shown.fault)}`;
  }
}

/** Whether the service went away while it was asked. */
function isGone(error: unknown): boolean {
  return (
    (error instanceof TypeError && error.message.includes('fetch failed')) ||
    /terminated|closed/.test(String(error))
  );
}

interface Shown {
  readonly status: string;
  readonly fault?: unknown;
  readonly metadata: Readonly<Record<string, string>>;
  readonly 'OS-EXT-STS:task_state': string | null;
}

async function atRest(client: ComputeClient, id: string): Promise<Shown | undefined> {
  for (;;) {
    const { status, body } = await client.send('GET', `/servers/${id}`);
    if (status === 404) return undefined;
    const { server } = body as { server: Shown };
    if (server['OS-EXT-STS:task_state'] === null && server.status !== 'BUILD') return server;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

async function goneAtLast(client: ComputeClient, id: string): Promise<void> {
  while ((await client.send('GET', `/servers/${id}`)).status !== 404)
    await new Promise((resolve) => setTimeout(resolve, 10));
}
