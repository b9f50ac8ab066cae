import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { INSTANCES, type LabTrial } from './lab-trial.ts';

const MIB = 1024 ** 2;
/** MiB/s: at this speed the disk alone of a guest takes minutes. */
const SLOW_MIB = 4;
const FAST_MIB = 10_000;
/** What a disk has in it that is seen on its way. */
const FILLED_MIB = 256;
const EPHEMERAL = 'disk.eph0';
const LOOK_MS = 5;

/** How a server is to end. */
export interface Expected {
  readonly status: string;
  readonly on: string;
  readonly serial: string;
  readonly boot: number;
  /** Statuses of its migrations, the newest first. */
  readonly migrations: readonly string[];
}

/** Brings servers to the middle of an operation, and looks at how it ended. */
export class InFlight {
  readonly #trial: LabTrial;

  constructor(trial: LabTrial) {
    this.#trial = trial;
  }

  /** A flavor whose servers have a second disk, to be filled. */
  async makeFlavor(): Promise<void> {
    const sizes = { ram: 128, vcpus: 1, disk: 1, 'OS-FLV-EXT-DATA:ephemeral': 1 };
    await this.#trial.client.ask('POST', '/flavors', { flavor: { id: 'filled', name: 'filled', ...sizes } });
  }

  /** A live migration that copies disks, and does not come to its end before it is let go. */
  async liveMigration(from: string, to: string): Promise<string> {
    const { client } = this.#trial;
    const id = await this.#trial.bootOn(from);
    await this.#virsh(from, 'migrate-setspeed', id, `${SLOW_MIB}`);
    const ask = { 'os-migrateLive': { host: to, block_migration: 'auto' } };
    await client.ask('POST', `/servers/${id}/action`, ask);
    while ((await this.#trial.migrationsOf(id))[0] !== 'running') await delay(50);
    return id;
  }

  /** Lets it go as fast as it can. */
  async letGo(from: string, id: string): Promise<void> {
    await this.#virsh(from, 'migrate-setspeed', id, `${FAST_MIB}`);
    const told = await this.#qemu(from, id, { execute: 'query-block-jobs' });
    for (const { device } of told as { device: string }[])
      await this.#qemu(from, id, { execute: 'block-job-set-speed', arguments: { device, speed: 0 } });
  }

  /** Asks that a live migration be stopped. */
  async abort(id: string): Promise<void> {
    const { client } = this.#trial;
    const { migrations } = (await client.ask('GET', `/servers/${id}/migrations`)) as {
      migrations: { id: number }[];
    };
    await client.ask('DELETE', `/servers/${id}/migrations/${migrations[0]?.id}`);
  }

  /** @returns waits until both replicas, or one of them, have logged such a line since this was called */
  logs(line: RegExp, who: 'each' | 'one'): () => Promise<void> {
    const from = this.#trial.lab.replicas.map(({ logged }) => ({ logged, length: logged.length }));
    const have = () => from.map(({ logged, length }) => logged.slice(length).some((text) => line.test(text)));
    return async () => {
      while (!(who === 'each' ? have().every(Boolean) : have().some(Boolean))) await delay(50);
    };
  }

  /** Waits until a host's libvirtd has given up the one that it migrates a guest to. */
  async givesUp(host: string): Promise<void> {
    const log = join(this.#trial.host(host).machine.root, 'var/log/libvirt/libvirtd.log');
    while (!(await readFile(log, 'utf8')).includes('Lost connection to destination host')) await delay(100);
  }

  /** A server that is long on its way when it is cold migrated. */
  async filled(on: string): Promise<string> {
    const id = await this.#trial.bootOn(on, 'filled');
    await this.#fill(on, id);
    return id;
  }

  /** Begins to cold migrate such a server: its disks are on their way then. */
  async coldMigrate(id: string, to: string): Promise<void> {
    await this.#trial.client.ask('POST', `/servers/${id}/action`, { migrate: { host: to } });
    while (!this.isFetching(to, id)) await delay(LOOK_MS);
  }

  /** Whether a host has a part of a server's disks. */
  isFetching(host: string, id: string): boolean {
    const folder = this.#folderOf(host, id);
    return existsSync(folder) && readdirSync(folder).some((name) => name.endsWith('.partial'));
  }

  /**
   * A create whose host is defining the guest: its libvirtd is stopped until the returned function is called.
   */
  async create(on: string): Promise<{ id: string; goOn(): Promise<void> }> {
    const daemon = (signal: string) =>
      this.#trial
        .host(on)
        .machine.exec('bash', ['-c', `kill -${signal} $(cat /run/libvirtd.pid)`])
        .then(() => undefined);
    await daemon('STOP');
    const id = await this.#trial.create(on);
    while ((await this.#trial.client.show(id))['OS-EXT-STS:task_state'] !== 'spawning') await delay(LOOK_MS);
    return { id, goOn: () => daemon('CONT') };
  }

  /** The newest thing that was done to a server, and how it ended. */
  async lastActionOf(id: string): Promise<{ action: string; results: (string | null)[] }> {
    const path = `/servers/${id}/os-instance-actions`;
    const { instanceActions } = (await this.#trial.client.ask('GET', path)) as {
      instanceActions: { action: string; request_id: string }[];
    };
    const { action = '', request_id: request = '' } = instanceActions[0] ?? {};
    const { instanceAction } = (await this.#trial.client.ask('GET', `${path}/${request}`)) as {
      instanceAction: { events: { result: string | null }[] };
    };
    return { action, results: instanceAction.events.map(({ result }) => result) };
  }

  /**
   * Waits for the server's end: it runs on one host, shows its own line there, and all that tells of it says
   * so.
   */
  async endsAs(id: string, expected: Expected): Promise<void> {
    const trial = this.#trial;
    const { status, on, serial, boot, migrations } = expected;
    await trial.client.rests(id, status);
    await trial.agentAnswers(id);
    const line = await trial.says(id);
    assert.deepEqual({ serial: line.serial, uuid: line.uuid, boot: line.boot }, { serial, uuid: id, boot });
    assert.equal(await trial.whereIs(id), on);
    assert.deepEqual(await this.runsOn(id), [on]);
    assert.deepEqual(await this.#trial.migrationsOf(id), migrations);
  }

  /** All hosts that have a guest of the server that is not off. */
  async runsOn(id: string): Promise<string[]> {
    const hosts = await Promise.all(
      this.#trial.lab.hosts.map(async ({ name }) =>
        (await this.#trial.guestsOf(name)).includes(id) ? [name] : [],
      ),
    );
    return hosts.flat();
  }

  /** Waits until every host's service has the state. */
  async servicesAre(
    state: 'up' | 'down',
    hosts = this.#trial.lab.hosts.map(({ name }) => name),
  ): Promise<void> {
    for (;;) {
      const { services } = (await this.#trial.client.ask('GET', '/os-services')) as {
        services: { host: string; state: string }[];
      };
      if (services.filter(({ host }) => hosts.includes(host)).every((one) => one.state === state)) return;
      await delay(200);
    }
  }

  /** The filled disk is the same at both ends, while the source still has it. */
  async assertSameDisk(id: string, ...hosts: [string, string]): Promise<void> {
    const [one, other] = await Promise.all(hosts.map(async (host) => this.#sumOf(host, id)));
    assert.equal(one, other);
  }

  async #sumOf(host: string, id: string): Promise<string> {
    const { stdout } = await this.#trial
      .host(host)
      .machine.exec('bash', ['-c', `head -c ${FILLED_MIB}M ${INSTANCES}/${id}/*/${EPHEMERAL} | cksum`]);
    return stdout;
  }

  async #fill(host: string, id: string): Promise<void> {
    const folder = this.#folderOf(host, id);
    const set = readdirSync(folder, { recursive: true }).find((name) => `${name}`.endsWith(EPHEMERAL));
    const disk = await open(join(folder, `${set}`), 'r+');
    const piece = randomBytes(MIB);
    for (let at = 0; at < FILLED_MIB; at++) await disk.write(piece, 0, piece.length, at * MIB);
    await disk.close();
  }

  #folderOf(host: string, id: string): string {
    return join(this.#trial.host(host).machine.root, INSTANCES, id);
  }

  async #virsh(host: string, ...words: string[]): Promise<string> {
    return (await this.#trial.host(host).machine.exec('virsh', words)).stdout;
  }

  async #qemu(host: string, id: string, command: object): Promise<unknown> {
    const answer = await this.#virsh(host, 'qemu-monitor-command', id, JSON.stringify(command));
    return (JSON.parse(answer) as { return: unknown }).return;
  }
}
