import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ComputeClient, type GuestLine } from '../lab/compute-client.ts';
import {
  type ComputeHostOfLab,
  type ManyHosts,
  type ManyHostsOptions,
  startManyHosts,
} from '../lab/many-hosts.ts';

/** Where the hosts of the lab keep the files of servers. */
export const INSTANCES = '/var/lib/libvirt/nameplate';
/** Where libvirt keeps UEFI variables whose place no definition says. */
const VARIABLES = '/var/lib/libvirt/qemu/nvram';

/** A cloud of real hosts to break, and ways to see what became of its servers. */
export class LabTrial {
  readonly lab: ManyHosts;
  readonly client: ComputeClient;
  readonly #image: string;
  #count = 0;

  private constructor(lab: ManyHosts, client: ComputeClient, image: string) {
    this.lab = lab;
    this.client = client;
    this.#image = image;
  }

  static async start(options: ManyHostsOptions = {}): Promise<LabTrial> {
    const lab = await startManyHosts(options);
    try {
      const client = await ComputeClient.login(lab.url);
      return new LabTrial(lab, client, await client.imageId('nameplate-demo'));
    } catch (error) {
      await lab.close();
      throw error;
    }
  }

  host(name: string): ComputeHostOfLab {
    const found = this.lab.hosts.find((host) => host.name === name);
    assert.ok(found, `no host ${name}`);
    return found;
  }

  /** What a guest reads that has a host's serial. */
  serialOf(name: string): string {
    const { machineId } = this.host(name).machine;
    return machineId.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  }

  /** Asks for a server that has no serial of its own. */
  create(host: string, client = this.client, flavor = '1'): Promise<string> {
    const name = `server-${++this.#count}`;
    return client.createServer({ name, imageRef: this.#image, flavorRef: flavor, host });
  }

  /** A server whose guest has said its first line. */
  async bootOn(host: string, flavor?: string): Promise<string> {
    const id = await this.create(host, this.client, flavor);
    await this.client.rests(id, 'ACTIVE');
    await this.client.guestLine(id);
    return id;
  }

  /**
   * Waits until the agent of the server's host answers every replica: each comes back to the bus by itself,
   * and any may be asked next.
   */
  async agentAnswers(id: string): Promise<void> {
    const look = { 'os-getConsoleOutput': { length: 1 } };
    for (const { url } of this.lab.replicas) {
      const replica = await ComputeClient.login(url);
      while ((await replica.send('POST', `/servers/${id}/action`, look)).status === 503) await delay(200);
    }
  }

  /** What the guest prints from now on. */
  async says(id: string): Promise<GuestLine> {
    return this.client.guestLine(id, { from: (await this.client.consoleLog(id)).length });
  }

  /** What the migrations of a server are, the newest first. */
  async migrationsOf(id: string): Promise<string[]> {
    const { migrations } = (await this.client.ask('GET', `/os-migrations?instance_uuid=${id}`)) as {
      migrations: { status: string }[];
    };
    return migrations.map(({ status }) => status);
  }

  async whereIs(id: string): Promise<string | undefined> {
    return ((await this.client.show(id)) as unknown as Record<string, string>)['OS-EXT-SRV-ATTR:host'];
  }

  /** Guests of a host that run, or with `--all` that are defined. */
  async guestsOf(host: string, ...which: string[]): Promise<string[]> {
    const { stdout } = await this.host(host).machine.exec('virsh', ['list', '--uuid', ...which]);
    return stdout.split('\n').filter((line) => line !== '');
  }

  /** Whether a host has anything of a server. */
  async holds(host: string, id: string): Promise<boolean> {
    if ((await this.guestsOf(host, '--all')).includes(id)) return true;
    const { stdout } = await this.host(host).machine.exec('ls', [INSTANCES]);
    return stdout.split('\n').includes(id);
  }

  /** Deletes the server: no host may have anything of it. */
  async verifyCleanSlate(id: string, hosts = this.lab.hosts.map(({ name }) => name)): Promise<void> {
    await this.client.gone(id);
    for (const host of hosts) {
      assert.equal(await this.holds(host, id), false, `${host} has nothing of ${id}`);
      const { stdout } = await this.host(host).machine.exec('sh', ['-c', `ls ${VARIABLES} || true`]);
      assert.equal(stdout, '', `${host} has no UEFI variables outside of disk sets`);
    }
  }

  /** A configuration for one more replica. @returns its file */
  async replicaConf(name: string): Promise<string> {
    const { folder } = this.lab.parts;
    const state = join(folder, name);
    await mkdir(state, { recursive: true, mode: 0o711 });
    const text = await readFile(join(folder, 'replica1', 'nameplate.conf'), 'utf8');
    const file = join(state, 'nameplate.conf');
    await writeFile(file, text.replace(/^state_path *=.*$/m, `state_path = ${state}`));
    return file;
  }
}
