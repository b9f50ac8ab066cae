import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import type { OperationKind } from '../../src/operations/engine/step.ts';
import { evacuateServer } from '../../src/operations/kinds/evacuate-server.ts';
import { liveMigrateServer } from '../../src/operations/kinds/live-migrate-server.ts';
import {
  confirmResize,
  migrateServer,
  resizeServer,
  revertResize,
} from '../../src/operations/kinds/resize-server.ts';
import type { ComputeClient } from '../lab/compute-client.ts';
import type { LabTrial } from './lab-trial.ts';

/** What is asked of a server, and the status in which it then rests. */
type Request = readonly [action: Readonly<Record<string, unknown>>, status: string];

/** A move between real hosts, and what it must come to, whoever is killed in the middle of it. */
export interface LabMove {
  readonly kind: OperationKind;
  /** What is done first, to a server on host1 that has no serial of its own. */
  readonly before: readonly Request[];
  readonly request: Request;
  readonly on: string;
  /** The host whose serial the guest then reads, or `own`. */
  readonly serial: string;
  /** How often its disk has then been booted. */
  readonly boot: number;
}

/** A flavor whose servers have their own serial, and find room on host2 only. */
const AWAY = 'away';
const resizeAway: Request = [{ resize: { flavorRef: AWAY } }, 'VERIFY_RESIZE'];

export const RESIZE: LabMove = {
  kind: resizeServer,
  before: [],
  request: resizeAway,
  on: 'host2',
  serial: 'own',
  boot: 2,
};
export const CONFIRM: LabMove = {
  kind: confirmResize,
  before: [resizeAway],
  request: [{ confirmResize: null }, 'ACTIVE'],
  on: 'host2',
  serial: 'own',
  boot: 2,
};
export const REVERT: LabMove = {
  kind: revertResize,
  before: [resizeAway],
  request: [{ revertResize: null }, 'ACTIVE'],
  on: 'host1',
  serial: 'host1',
  boot: 2,
};
export const MIGRATE: LabMove = {
  kind: migrateServer,
  before: [],
  request: [{ migrate: { host: 'host2' } }, 'VERIFY_RESIZE'],
  on: 'host2',
  serial: 'host2',
  boot: 2,
};
export const MIGRATE_LIVE: LabMove = {
  kind: liveMigrateServer,
  before: [],
  request: [{ 'os-migrateLive': { host: 'host2', block_migration: 'auto' } }, 'ACTIVE'],
  on: 'host2',
  serial: 'host1',
  boot: 1,
};
export const EVACUATE: LabMove = {
  kind: evacuateServer,
  before: [],
  request: [{ evacuate: { host: 'host2' } }, 'ACTIVE'],
  on: 'host2',
  serial: 'host2',
  boot: 1,
};

/**
 * Every boundary of an operation that goes well, first to last, but for its end, with which its last step is
 * done.
 */
export function boundariesOf({ steps }: OperationKind): string[] {
  return ['begun', ...steps.slice(0, -1).map(({ name }) => `step done: ${name}`)];
}

/** An operation as the store has it. */
interface StoredOperation {
  readonly owner: string;
  /** Epoch milliseconds, as `leaseUntil` */
  readonly createdAt: number;
  readonly leaseUntil: number;
  /** Each step that was done, undone or failed, in order. */
  readonly log: readonly string[];
}

/** Moves of servers of a lab. */
export class LabMoves {
  readonly #trial: LabTrial;

  private constructor(trial: LabTrial) {
    this.#trial = trial;
  }

  static async of(trial: LabTrial): Promise<LabMoves> {
    const sizes = { ram: 128, vcpus: 1, disk: 1 };
    await trial.client.ask('POST', '/flavors', { flavor: { id: AWAY, name: AWAY, ...sizes } });
    const extra_specs = { 'hw:unique_serial': 'true', 'capabilities:host': 'host2' };
    await trial.client.ask('POST', `/flavors/${AWAY}/os-extra_specs`, { extra_specs });
    return new LabMoves(trial);
  }

  /** A server where the move begins. */
  async serverFor({ before }: LabMove): Promise<string> {
    const id = await this.#trial.bootOn('host1');
    for (const [action, status] of before) await this.#trial.client.act(id, action, status);
    return id;
  }

  /** Begins the move. @param through a replica; its answer may be lost with it */
  async begin({ request: [action] }: LabMove, id: string, through: ComputeClient): Promise<void> {
    await through.ask('POST', `/servers/${id}/action`, action);
  }

  /**
   * Waits for the end of the move: the guest runs once, where it should, with the serial that it should have.
   * @param up hosts that can be asked
   */
  async comesTo(
    { request: [, status], on, serial, boot }: Pick<LabMove, 'request' | 'on' | 'serial' | 'boot'>,
    id: string,
    up = this.#hosts(),
  ) {
    const trial = this.#trial;
    await trial.client.rests(id, status);
    await trial.agentAnswers(id);
    const line = await trial.says(id);
    assert.deepEqual(
      { serial: line.serial, uuid: line.uuid, boot: line.boot, on: await trial.whereIs(id) },
      { serial: serial === 'own' ? id : trial.serialOf(serial), uuid: id, boot, on },
    );
    for (const host of up)
      assert.equal((await trial.guestsOf(host)).includes(id), host === on, `${host}: it runs on ${on} only`);
  }

  #hosts(): string[] {
    return this.#trial.lab.hosts.map(({ name }) => name);
  }

  /** The server's newest operation. */
  async operationOf(id: string): Promise<StoredOperation> {
    const ask = (sql: string) => this.#trial.lab.postgres.query(sql, 'lab_0');
    const newest = `select id, owner, created_at, lease_until from operations where server_id = '${id}' order by number desc limit 1`;
    const [[operation, owner = '', createdAt, leaseUntil] = []] = (await ask(newest)).map((row) =>
      row.split('|'),
    );
    // Tries that failed are no steps that were done: a host that is away fails some.
    const lines = `select step || ' ' || event from operation_log where operation_id = '${operation}' and event <> 'try failed' order by number`;
    return { owner, createdAt: Number(createdAt), leaseUntil: Number(leaseUntil), log: await ask(lines) };
  }

  /** An administrator says whether a host is down. */
  async setForcedDown(host: string, forced_down: boolean): Promise<void> {
    const { services } = (await this.#trial.client.ask('GET', '/os-services')) as {
      services: { id: string; host: string }[];
    };
    const service = services.find((one) => one.host === host);
    await this.#trial.client.ask('PUT', `/os-services/${service?.id}`, { forced_down });
  }

  /** A host fails: agent, libvirtd and guests end, and it is said to be down. */
  async failHost(name: string): Promise<void> {
    const { machine, agent } = this.#trial.host(name);
    await agent.end('SIGKILL');
    await machine.killDaemon();
    await machine.exec('bash', ['-c', 'kill -KILL $(pgrep qemu-system)']);
    await this.setForcedDown(name, true);
  }

  /** A host that failed is started again; servers that have left it leave nothing there. */
  async comesBack(name: string, left: readonly string[]): Promise<void> {
    const { machine } = this.#trial.host(name);
    await machine.restartDaemon();
    await this.#trial.host(name).restartAgent();
    await this.setForcedDown(name, false);
    for (const id of left) await this.isCleared(name, id);
  }

  /** Waits until a host has nothing of a server that has left it. */
  async isCleared(host: string, id: string): Promise<void> {
    while (await this.#trial.holds(host, id)) await delay(100);
  }
}
