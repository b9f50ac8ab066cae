import { basename } from 'node:path';
import type { Readable } from 'node:stream';
import { xmlFlags } from 'libvirt-rpc';
import { Failure } from '../../../model/failure.ts';
import type { GuestPlan } from '../../../model/guest.ts';
import type { ServerId } from '../../../model/ids.ts';
import type { LiveProgress } from '../../../model/migration.ts';
import type { DiskExport, DiskImport, GuestMoves, LiveMigration } from '../../guest-moves.ts';
import type { LibvirtLink } from '../connection/libvirt-link.ts';
import type { DiskSets } from '../disks/disk-set.ts';
import type { CachedFile, ImageCache } from '../disks/image-cache.ts';
import { exists } from '../files/durable-file.ts';
import { findDomain } from '../guest/find-domain.ts';
import type { FormerVariables } from '../guest/former-variables.ts';
import { isActive } from '../guest/power-state.ts';
import { exportDisks } from './export-disks.ts';
import { importDisks } from './import-disks.ts';
import { type LiveMigrationOptions, LiveMigrations } from './live-migrations.ts';
import { Marks } from './marks.ts';

const GIB = 1024 ** 3;

/** The parts for moves. */
export interface LibvirtMovesParts {
  readonly link: LibvirtLink;
  readonly disks: DiskSets;
  readonly former: FormerVariables;
  readonly cache: ImageCache;
  readonly instancesDir: string;
  readonly migration: MigrationOptions;
}

/** Configuration of live migrations. */
export interface MigrationOptions extends LiveMigrationOptions {
  /**
   * `[libvirt] live_migration_inbound_addr`: the address to which guests migrate when they come to this
   * host.
   */
  readonly inboundAddress: string;
}

/** Moves of real guests: disk sets as streams of files, and libvirt's own live migration. */
export class LibvirtMoves implements GuestMoves {
  readonly #parts: LibvirtMovesParts;
  readonly #marks: Marks;
  readonly #live: LiveMigrations;

  constructor(parts: LibvirtMovesParts) {
    this.#parts = parts;
    this.#marks = new Marks(parts.instancesDir);
    this.#live = new LiveMigrations(parts.link, parts.migration);
  }

  async exportDisks(request: DiskExport, signal: AbortSignal): Promise<Readable> {
    const { server, set, purpose } = request;
    if (purpose === 'move') {
      const { disks, former } = this.#parts;
      await former.adopt(await this.#definitionWhenOff(server), disks.directoryOfSet(server, set));
    }
    return exportDisks(this.#parts, request, signal);
  }

  async importDisks({ plan, contents = {} }: DiskImport, data: Readable, signal: AbortSignal): Promise<void> {
    await importDisks(this.#parts, { plan, contents, data }, signal);
  }

  async hasDisks({ serverId, diskSet }: GuestPlan): Promise<boolean> {
    return exists(this.#parts.disks.directoryOfSet(serverId, diskSet));
  }

  async presentBases(request: DiskImport, signal: AbortSignal): Promise<readonly string[]> {
    using base = await this.#base(request, signal);
    return base === null ? [] : [basename(base.path)];
  }

  /**
   * The base of the plan's image. It is looked up first, because only this one server could use a base from
   * the other host.
   */
  async #base({ plan, contents = {}, images }: DiskImport, signal: AbortSignal): Promise<CachedFile | null> {
    const { cache } = this.#parts;
    const cached = await cache.cachedBase(plan.image, contents);
    if (cached !== null || images === undefined) return cached;
    const { rootGb } = plan.flavor;
    try {
      return await cache.base(plan.image, {
        images,
        contents,
        signal,
        largest: rootGb === 0 ? null : rootGb * GIB,
      });
    } catch {
      signal.throwIfAborted();
      return null; // the image is gone, or cannot be read now: the source sends the base
    }
  }

  async markDisks(server: ServerId, mark: string): Promise<void> {
    await this.#marks.leave(server, mark);
  }

  async seesMark(server: ServerId, mark: string): Promise<boolean> {
    return this.#marks.sees(server, mark);
  }

  async removeMark(server: ServerId, mark: string): Promise<void> {
    await this.#marks.remove(server, mark);
  }

  async prepareLive(plan: GuestPlan): Promise<string> {
    if (!(await this.hasDisks(plan)))
      throw new Failure('not-found', `The disks of server ${plan.serverId} are not on the destination host.`);
    await this.#parts.link.read('asking for its version', (libvirt) => libvirt.connectGetLibVersion());
    return this.#parts.migration.inboundAddress;
  }

  async migrateLive(migration: LiveMigration, signal: AbortSignal): Promise<void> {
    const { definition } = await this.#look(migration.server);
    await this.#live.migrate(migration, signal);
    if (definition !== null) await this.#parts.former.remove(definition);
  }

  async liveProgress(server: ServerId): Promise<LiveProgress | null> {
    return this.#live.progress(server);
  }

  async abortLive(server: ServerId): Promise<void> {
    await this.#live.abort(server);
  }

  async forceLive(server: ServerId): Promise<void> {
    await this.#live.force(server);
  }

  /** The definition of a guest, null if it has none. @throws {Failure} `conflict` when it runs */
  async #definitionWhenOff(server: ServerId): Promise<string | null> {
    const { runs, definition } = await this.#look(server);
    if (runs)
      throw new Failure('conflict', `The guest ${server} runs: its disks cannot be moved before it is off.`);
    return definition;
  }

  async #look(server: ServerId): Promise<{ runs: boolean; definition: string | null }> {
    return this.#parts.link.read(`looking at guest ${server}`, async (libvirt) => {
      const domain = await findDomain(libvirt, server);
      if (domain === undefined) return { runs: false, definition: null };
      const [{ state }, definition] = await Promise.all([
        libvirt.domainGetState({ domain }),
        libvirt.domainGetXMLDesc({ domain, flags: xmlFlags.inactive }),
      ]);
      return { runs: isActive(state), definition };
    });
  }
}
