import { setTimeout as delay } from 'node:timers/promises';
import { byField, type Domain, jobTypes, migrateFlags, migrateParams, type TypedParam } from 'libvirt-rpc';
import { pause } from '../../../async/pause.ts';
import { Semaphore } from '../../../async/semaphore.ts';
import { Failure } from '../../../model/failure.ts';
import type { ServerId } from '../../../model/ids.ts';
import type { LiveProgress } from '../../../model/migration.ts';
import type { LiveMigration } from '../../guest-moves.ts';
import { isAnswer } from '../connection/failures.ts';
import type { LibvirtLink } from '../connection/libvirt-link.ts';
import { findDomain } from '../guest/find-domain.ts';
import { isActive } from '../guest/power-state.ts';
import { definitionsOfCopies } from './migrated-definition.ts';

/**
 * Milliseconds between polls of a migration that another connection began, and between tries to abort one.
 */
const POLL_MS = 250;
/** Polls of a guest that is off and still defined, after a migration that was followed. */
const POLLS_AT_END = 20;
/**
 * Maximum number of concurrent migrations. Each one is a long call, and more of them would leave no room for
 * other calls on the connections to libvirtd.
 */
const MAX_MIGRATIONS = 8;
/** `VIR_DOMAIN_JOB_OPERATION_MIGRATION_OUT` */
const MIGRATION_OUT = 5;

export interface LiveMigrationOptions {
  /**
   * `[libvirt] live_migration_uri`: the other daemon's URI for this host's daemon, with `%s` for its
   * address.
   */
  readonly uri: string;
  /** `[libvirt] live_migration_bandwidth`, MiB/s; 0 for no limit. */
  readonly bandwidthMib: number;
}

/** A migration that this process began. */
interface Underway {
  readonly stopping: AbortController;
  readonly ended: Promise<void>;
}

/**
 * The source's side of live migrations. libvirt's daemons migrate peer to peer, so that a migration
 * continues when this process ends.
 */
export class LiveMigrations {
  readonly #link: LibvirtLink;
  readonly #options: LiveMigrationOptions;
  readonly #slots = new Semaphore(MAX_MIGRATIONS);
  readonly #underway = new Map<ServerId, Underway>();

  constructor(link: LibvirtLink, options: LiveMigrationOptions) {
    this.#link = link;
    this.#options = options;
  }

  async migrate(migration: LiveMigration, signal: AbortSignal): Promise<void> {
    const { server } = migration;
    if (signal.aborted) throw stopped(server);
    const domain = await this.#find(server);
    if (domain === undefined) return;
    if ((await this.#job(domain)) !== undefined) return this.#follow(domain, signal);
    const stopping = new AbortController();
    const performed = this.#slots.run(AbortSignal.any([signal, stopping.signal]), () =>
      this.#perform(domain, migration),
    );
    const ended = performed.catch(() => undefined);
    this.#underway.set(server, { stopping, ended });
    try {
      await Promise.race([
        performed,
        this.#abortWhenStopped(domain, { signals: [signal, stopping.signal], ended }),
      ]);
      await performed;
    } catch (error) {
      if (signal.aborted || stopping.signal.aborted || isAnswerOf(error, 'ERR_OPERATION_ABORTED'))
        throw stopped(server, error);
      throw error;
    } finally {
      this.#underway.delete(server);
    }
  }

  async progress(server: ServerId): Promise<LiveProgress | null> {
    const domain = await this.#find(server);
    const job = domain === undefined ? undefined : await this.#job(domain);
    if (job === undefined) return null;
    const bytes = (field: string) => Number(job[field] ?? 0);
    return {
      memoryTotal: bytes('memory_total'),
      memoryProcessed: bytes('memory_processed'),
      memoryRemaining: bytes('memory_remaining'),
      diskTotal: bytes('disk_total'),
      diskProcessed: bytes('disk_processed'),
      diskRemaining: bytes('disk_remaining'),
    };
  }

  async abort(server: ServerId): Promise<void> {
    const underway = this.#underway.get(server);
    if (underway !== undefined) {
      underway.stopping.abort();
      await underway.ended;
      return;
    }
    const domain = await this.#find(server);
    while (domain !== undefined && (await this.#job(domain)) !== undefined) {
      await this.#abortJob(domain);
      await delay(POLL_MS);
    }
  }

  /**
   * Nova's force complete (nova/virt/libvirt/driver.py live_migration_force_complete). libvirt resumes the
   * guest at the destination.
   */
  async force(server: ServerId): Promise<void> {
    const domain = await this.#find(server);
    if (domain === undefined || (await this.#job(domain)) === undefined) return;
    await this.#link.change(`pausing guest ${server}`, async (libvirt) => {
      try {
        await libvirt.domainSuspend({ domain });
      } catch (error) {
        // The guest is gone, or is paused for the last part of its memory.
        if (!isAnswer(error, 'ERR_NO_DOMAIN') && !isAnswer(error, 'ERR_OPERATION_INVALID')) throw error;
      }
    });
  }

  async #perform(domain: Domain, { server, destination, disks }: LiveMigration): Promise<void> {
    const host = destination.includes(':') ? `[${destination}]` : destination;
    const bandwidth = this.#options.bandwidthMib;
    const params: TypedParam[] = [
      { field: migrateParams.uri, type: 'string', value: `tcp://${host}` },
      ...(bandwidth === 0
        ? []
        : [{ field: migrateParams.bandwidth, type: 'ullong', value: BigInt(bandwidth) } as const]),
    ];
    const { live, peer2peer, persistDest, undefineSource, nonSharedDisk, unsafe } = migrateFlags;
    // libvirt decides by the file system's name whether files are shared. A mark has already proved that both
    // hosts share these files.
    const flags =
      live | peer2peer | persistDest | undefineSource | (disks === 'copied' ? nonSharedDisk : unsafe);
    const targetUri = this.#options.uri.replace('%s', host);
    await this.#link.change(`migrating guest ${server} live to ${destination}`, async (libvirt) => {
      const { state } = await libvirt.domainGetState({ domain });
      if (!isActive(state)) throw notRunning(server);
      if (disks === 'copied') params.push(...(await definitionsOfCopies(libvirt, domain)));
      await libvirt.domainMigratePerform3Params({ domain, targetUri, params, flags });
    });
  }

  /**
   * Tries to abort the job until the migration has ended, because there is no job before libvirt has begun
   * it. Never resolves unless it must abort.
   */
  async #abortWhenStopped(
    domain: Domain,
    { signals, ended }: { readonly signals: readonly AbortSignal[]; readonly ended: Promise<void> },
  ): Promise<never> {
    const stop = AbortSignal.any([...signals]);
    const over = new AbortController();
    void ended.then(() => over.abort());
    await new Promise<void>((resolve) => stop.addEventListener('abort', () => resolve(), { once: true }));
    while (!over.signal.aborted) {
      await this.#abortJob(domain).catch(() => undefined);
      await pause(POLL_MS, over.signal);
    }
    return new Promise<never>(() => undefined);
  }

  /** Waits for a migration that an earlier process, or a lost connection, began. */
  async #follow(domain: Domain, signal: AbortSignal): Promise<void> {
    const server = domain.uuid as ServerId;
    let pollsAtEnd = 0;
    while (pollsAtEnd < POLLS_AT_END) {
      if ((await this.#find(server)) === undefined) return;
      if ((await this.#job(domain)) !== undefined) pollsAtEnd = 0;
      else if (await this.#isActive(domain)) break;
      else pollsAtEnd++; // the guest is gone, and libvirt is about to remove its definition
      if (signal.aborted) await this.#abortJob(domain).catch(() => undefined);
      await delay(POLL_MS);
    }
    if (signal.aborted) throw stopped(server);
    throw new Failure(
      'internal',
      `The live migration of server ${server} ended, but the guest is still on the source.`,
    );
  }

  async #isActive(domain: Domain): Promise<boolean> {
    return this.#link.read(`looking at guest ${domain.uuid}`, async (libvirt) => {
      try {
        return isActive((await libvirt.domainGetState({ domain })).state);
      } catch (error) {
        if (isAnswer(error, 'ERR_NO_DOMAIN')) return false;
        throw error;
      }
    });
  }

  async #abortJob(domain: Domain): Promise<void> {
    await this.#link.change(`stopping the live migration of guest ${domain.uuid}`, async (libvirt) => {
      try {
        await libvirt.domainAbortJob({ domain });
      } catch (error) {
        // There is no migration any more.
        if (!isAnswer(error, 'ERR_OPERATION_INVALID') && !isAnswer(error, 'ERR_NO_DOMAIN')) throw error;
      }
    });
  }

  /** The statistics of the migration in progress; undefined when there is none. */
  async #job(domain: Domain): Promise<ReturnType<typeof byField> | undefined> {
    return this.#link.read(`looking at the job of guest ${domain.uuid}`, async (libvirt) => {
      try {
        const { type, params } = await libvirt.domainGetJobStats({ domain });
        const job = byField(params);
        const moves = job.operation === undefined || job.operation === MIGRATION_OUT;
        return (type === jobTypes.bounded || type === jobTypes.unbounded) && moves ? job : undefined;
      } catch (error) {
        if (isAnswer(error, 'ERR_NO_DOMAIN') || isAnswer(error, 'ERR_OPERATION_INVALID')) return undefined;
        throw error;
      }
    });
  }

  async #find(server: ServerId): Promise<Domain | undefined> {
    return this.#link.read(`looking up guest ${server}`, (libvirt) => findDomain(libvirt, server));
  }
}

function isAnswerOf(error: unknown, code: Parameters<typeof isAnswer>[1]): boolean {
  return error instanceof Failure && isAnswer(error.cause, code);
}

function notRunning(server: ServerId): Failure {
  return new Failure('conflict', `The guest ${server} does not run and cannot be migrated live.`);
}

function stopped(server: ServerId, cause?: unknown): Failure {
  return new Failure('timed-out', `The live migration of server ${server} was stopped.`, { cause });
}
