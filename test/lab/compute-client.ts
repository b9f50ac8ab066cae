import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { ADMIN_PASSWORD } from './service.ts';

/** A server as the Compute API shows it, the part that tests look at. */
export interface ShownServer {
  readonly id: string;
  readonly status: string;
  readonly fault?: { readonly message: string; readonly details?: string };
  readonly 'OS-EXT-STS:task_state': string | null;
  readonly 'OS-EXT-STS:vm_state': string;
  readonly 'OS-EXT-SRV-ATTR:instance_name': string;
}

const MICROVERSION = '2.90';

/** The few requests that tests of servers send, as a client sends them. */
export class ComputeClient {
  readonly #url: string;
  readonly #token: string;
  /** Milliseconds between two looks: the API tells of no events. */
  readonly #pollMs: number;

  private constructor(url: string, token: string, pollMs: number) {
    this.#pollMs = pollMs;
    this.#url = url;
    this.#token = token;
  }

  static async login(url: string, pollMs = 100): Promise<ComputeClient> {
    const user = { name: 'admin', domain: { id: 'default' }, password: ADMIN_PASSWORD };
    const scope = { project: { name: 'admin', domain: { id: 'default' } } };
    const identity = { methods: ['password'], password: { user } };
    const response = await fetch(`${url}/identity/v3/auth/tokens`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ auth: { identity, scope } }),
    });
    assert.equal(response.status, 201);
    const token = response.headers.get('x-subject-token');
    assert.ok(token);
    return new ComputeClient(url, token, pollMs);
  }

  /** Its token, for the other APIs. */
  get token(): string {
    return this.#token;
  }

  /** Sends a request; the path begins behind `/compute/v2.1`, or with the name of another service. */
  async send(method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown }> {
    const isOther = /^\/(?:image|networking|nameplate)\//.test(path);
    const url = `${this.#url}${isOther ? '' : '/compute/v2.1'}${path}`;
    const patch = method === 'PATCH' ? 'application/openstack-images-v2.1-json-patch' : 'application/json';
    const response = await fetch(url, {
      method,
      headers: {
        'x-auth-token': this.#token,
        'openstack-api-version': `compute ${MICROVERSION}`,
        ...(body === undefined ? {} : { 'content-type': patch }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text.startsWith('{') ? JSON.parse(text) : text };
  }

  /** Sends a request that must succeed. */
  async ask(method: string, path: string, body?: unknown): Promise<unknown> {
    const answer = await this.send(method, path, body);
    assert.ok(answer.status < 300, `${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  /** Gives an image its data. */
  async upload(image: string, data: Uint8Array<ArrayBuffer>): Promise<void> {
    const response = await fetch(`${this.#url}/image/v2/images/${image}/file`, {
      method: 'PUT',
      headers: { 'x-auth-token': this.#token, 'content-type': 'application/octet-stream' },
      body: data,
    });
    assert.equal(response.status, 204, await response.text());
  }

  async imageId(name: string): Promise<string> {
    const { images } = (await this.ask('GET', `/image/v2/images?name=${name}`)) as {
      images: { id: string }[];
    };
    const [image] = images;
    assert.ok(image, `no image ${name}`);
    return image.id;
  }

  async createServer(server: {
    name: string;
    imageRef: string;
    flavorRef: string;
    host?: string;
    /** None unless given. */
    networks?: 'auto' | readonly { readonly uuid: string }[];
  }): Promise<string> {
    const body = { server: { networks: 'none', ...server } };
    return ((await this.ask('POST', '/servers', body)) as { server: { id: string } }).server.id;
  }

  async show(id: string): Promise<ShownServer> {
    return ((await this.ask('GET', `/servers/${id}`)) as { server: ShownServer }).server;
  }

  /** The ports of a server, as the Network API lists them. */
  async portsOf(id: string): Promise<{ id: string; mac_address: string; status: string }[]> {
    const path = `/networking/v2.0/ports?device_id=${id}&fields=id&fields=mac_address&fields=status`;
    const { ports } = (await this.ask('GET', path)) as {
      ports: { id: string; mac_address: string; status: string }[];
    };
    return ports;
  }

  /** Changes the service of a host's agent. */
  async setService(host: string, change: Record<string, unknown>): Promise<void> {
    const path = '/os-services?binary=nova-compute';
    const { services } = (await this.ask('GET', path)) as { services: { id: string; host: string }[] };
    const service = services.find((one) => one.host === host);
    await this.ask('PUT', `/os-services/${service?.id}`, change);
  }

  /** Does an action and waits until the server rests in the status. */
  async act(id: string, action: Record<string, unknown>, status: string): Promise<void> {
    await this.ask('POST', `/servers/${id}/action`, action);
    await this.rests(id, status);
  }

  /** Waits until nothing is being done to the server; it must then have the status. */
  async rests(id: string, status: string): Promise<void> {
    for (;;) {
      const server = await this.show(id);
      if (server['OS-EXT-STS:task_state'] === null && server.status !== 'BUILD') {
        assert.equal(server.status, status, JSON.stringify(server.fault ?? server));
        return;
      }
      await delay(this.#pollMs);
    }
  }

  async consoleLog(id: string): Promise<string> {
    const body = { 'os-getConsoleOutput': { length: null } };
    return ((await this.ask('POST', `/servers/${id}/action`, body)) as { output: string }).output;
  }

  /**
   * Waits for the demo guest's last line after the first `from` characters of its console log to be of
   * another boot than `notBoot`: a line that an earlier boot printed late is not taken for a new one.
   */
  async guestLine(id: string, { from = 0, notBoot }: GuestLineWanted = {}): Promise<GuestLine> {
    for (;;) {
      const line = guestLines((await this.consoleLog(id)).slice(from)).at(-1);
      if (line !== undefined && line.bootId !== notBoot) return line;
      await delay(this.#pollMs);
    }
  }

  async gone(id: string): Promise<void> {
    await this.ask('DELETE', `/servers/${id}`);
    while ((await this.send('GET', `/servers/${id}`)).status !== 404) await delay(this.#pollMs);
  }
}

/** Which line of the demo guest is waited for. */
interface GuestLineWanted {
  readonly from?: number;
  readonly notBoot?: string | undefined;
}

/** What the demo guest says of itself. */
export interface GuestLine {
  readonly serial: string;
  readonly uuid: string;
  /** The number of the boot on this disk: a new disk starts again. */
  readonly boot: number;
  /** No two boots have the same. */
  readonly bootId: string;
}

const GUEST_LINE =
  /nameplate-demo serial=(\S+) uuid=(\S+) product=\S+ boot=(\d+) uptime=\S+ boot-id=([0-9a-f-]{36})/g;

function guestLines(log: string): GuestLine[] {
  return [...log.matchAll(GUEST_LINE)].map(([, serial = '', uuid = '', boot, bootId = '']) => ({
    ...{ serial, uuid, boot: Number(boot), bootId },
  }));
}
