import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Domain, defineFlags, type Libvirt, xmlFlags } from 'libvirt-rpc';
import { Failure } from '../../model/failure.ts';
import type { GuestObservation, GuestPlan, ServerFiles } from '../../model/guest.ts';
import type { GuestReading } from '../../model/guest-reading.ts';
import type { HostDescription } from '../../model/host.ts';
import type { OperationId, ServerId } from '../../model/ids.ts';
import { heldIdentity, type MachineIdentity, type ReadIdentity } from '../../model/machine-identity.ts';
import type { Attachment } from '../../model/network/attachment.ts';
import type { MacAddress } from '../../model/network/network-ids.ts';
import { writeXml } from '../../model/xml-element.ts';
import type { Definition, DiskRequest, HypervisorDriver, ImageRequest } from '../driver.ts';
import type { GuestMoves } from '../guest-moves.ts';
import type { LibvirtLink } from './connection/libvirt-link.ts';
import type { DiskSets } from './disks/disk-set.ts';
import type { ImageCache } from './disks/image-cache.ts';
import { unshareBootFiles } from './disks/unshare.ts';
import { exists } from './files/durable-file.ts';
import { readConsoleLog } from './guest/console-log.ts';
import { KeptDefinitions } from './guest/definitions.ts';
import { findDomain } from './guest/find-domain.ts';
import type { FormerVariables } from './guest/former-variables.ts';
import { attachInterface, detachInterface } from './guest/interfaces.ts';
import { observe, observeAll } from './guest/observe.ts';
import * as power from './guest/power.ts';
import { isActive } from './guest/power-state.ts';
import { readGuest } from './guest/read-guest.ts';
import { undefine } from './guest/undefine.ts';
import { watchGuests } from './guest/watch-guests.ts';
import { decideCpu } from './host/decide-cpu.ts';
import { describeHost, type HostFacts } from './host/host-facts.ts';
import { StartedCpus } from './host/started-cpus.ts';
import { decideIdentity } from './xml/decided-identity.ts';
import { domainXml } from './xml/domain.ts';
import type { CpuMode, GuestNetwork } from './xml/domain-inputs.ts';
import { hardwareOf, hasUefi } from './xml/hardware.ts';
import { interfaceElement } from './xml/interface.ts';
import { readIdentity, readInterfaces } from './xml/read-identity.ts';

/** The parts of the driver, and options for guest definitions. */
export interface LibvirtDriverParts {
  readonly link: LibvirtLink;
  readonly disks: DiskSets;
  readonly moves: GuestMoves;
  readonly former: FormerVariables;
  readonly cache: ImageCache;
  /** Milliseconds after the last use of an image that no disk needs, after which it is removed. */
  readonly unusedImageAgeMs: number;
  /** Read once; read again after a failure. */
  readonly facts: () => Promise<HostFacts>;
  /** Closes the connection, and stops a daemon that was started for it and that no guest needs. */
  readonly release: () => Promise<void>;
  readonly instancesDir: string;
  readonly version: string;
  readonly cpuMode: CpuMode;
  readonly cpuModel: string | null;
  readonly network: GuestNetwork;
  /** `[libvirt] hw_machine_type`: by architecture. */
  readonly machineTypes: ReadonlyMap<string, string>;
}

/** The driver of real guests, over libvirt calls, disk files and kept definitions. */
export class LibvirtDriver implements HypervisorDriver {
  readonly moves: GuestMoves;
  readonly #parts: LibvirtDriverParts;
  /** Calls to the daemon of its guests. */
  readonly link: LibvirtLink;
  readonly #kept: KeptDefinitions;
  readonly #cpus: StartedCpus;

  constructor(parts: LibvirtDriverParts) {
    this.#parts = parts;
    this.link = parts.link;
    this.moves = parts.moves;
    this.#kept = new KeptDefinitions(parts.instancesDir);
    this.#cpus = new StartedCpus(parts.facts);
  }

  async describeHost(): Promise<HostDescription> {
    return describeHost(this.link, await this.#parts.facts(), this.#parts.instancesDir);
  }

  async createDisks(request: DiskRequest, signal: AbortSignal): Promise<void> {
    const { disks, former } = this.#parts;
    const { plan, from } = request;
    if (from !== 'image' && hasUefi(plan))
      await former.adopt(
        await this.#definitionOf(plan.serverId),
        disks.directoryOfSet(plan.serverId, from.copyOf),
      );
    await disks.create(request, signal);
  }

  async cacheImage(
    { image, images = null, contents = {} }: ImageRequest,
    signal: AbortSignal,
  ): Promise<void> {
    await this.#parts.disks.cacheImage(image, { images, contents, signal });
  }

  async removeUnusedImages(): Promise<readonly string[]> {
    const { cache, instancesDir, unusedImageAgeMs } = this.#parts;
    return cache.removeUnused(instancesDir, unusedImageAgeMs);
  }

  async deleteDisks(server: ServerId, set: string | 'all'): Promise<void> {
    await this.#parts.disks.delete(server, set);
  }

  async listServerFiles(): Promise<ServerFiles[]> {
    return this.#parts.disks.list();
  }

  async define({ plan, serial, operation, attachments }: Definition): Promise<MachineIdentity> {
    const facts = await this.#parts.facts();
    const { capabilities, virtType, diskCache, runAs } = facts;
    const { version, cpuMode, cpuModel, network, disks, former, machineTypes } = this.#parts;
    const files = disks.filesOf(plan);
    await unshareBootFiles(files);
    const given = {
      plan,
      serial,
      files,
      base: await disks.baseOf(plan),
      version,
      creationTime: Date.now(),
    };
    const { arch } = capabilities;
    const replaced = await this.#definitionOf(plan.serverId);
    // What is left of an earlier server with an imported server's id does not count.
    const isFirst = replaced === null || (plan.given !== undefined && plan.given !== null);
    const held = plan.machine ?? (isFirst ? null : readIdentity(replaced));
    const identity = decideIdentity({ plan, held, arch, version, hostMachineType: machineTypes.get(arch) });
    const cpu = await decideCpu(this.link, plan, facts);
    const host = { virtType, arch, cpuMode, cpuModel, heldCpu: cpu.started, network, diskCache, runAs };
    const ports = attachments !== undefined && { attachments };
    const xml = domainXml({ ...given, ...host, ...ports, identity });
    if (files.variables !== null) await former.adopt(replaced, dirname(files.variables));
    if (!(await this.#kept.has(plan.serverId, operation)))
      await this.#kept.keep(plan.serverId, operation, replaced);
    const flags = xmlFlags.inactive | xmlFlags.secure;
    const defined = await this.link.change(`defining guest ${plan.serverId}`, async (libvirt) => {
      const domain = await libvirt.domainDefineXMLFlags({ xml, flags: defineFlags.validate });
      return libvirt.domainGetXMLDesc({ domain, flags });
    });
    return heldIdentity(held, { ...readIdentity(defined), smbios: identity.smbios, cpu });
  }

  async restoreDefinition(server: ServerId, operation: OperationId): Promise<void> {
    const replaced = await this.#kept.read(server, operation);
    if (replaced === undefined) return;
    if (replaced === null) await this.undefine(server);
    else
      await this.link.change(`defining guest ${server}`, (libvirt) =>
        libvirt.domainDefineXMLFlags({ xml: replaced }),
      );
    await this.#kept.forget(server, operation);
  }

  async forgetDefinition(server: ServerId, operation: OperationId): Promise<void> {
    const replaced = await this.#kept.read(server, operation);
    if (replaced) await this.#parts.former.remove(replaced);
    await this.#kept.forget(server, operation);
  }

  async attachInterface(plan: GuestPlan, attachment: Attachment): Promise<void> {
    const { arch } = (await this.#parts.facts()).capabilities;
    const xml = writeXml(interfaceElement(attachment, hardwareOf(plan, arch, undefined)));
    await this.#guest('attaching a port to', plan.serverId, (libvirt, domain) =>
      attachInterface(libvirt, domain, { xml, mac: attachment.port.mac }),
    );
  }

  async detachInterface(server: ServerId, mac: MacAddress): Promise<void> {
    const domain = await this.#find(server);
    if (domain === undefined) return;
    await this.link.change(`detaching a port from guest ${server}`, (libvirt) =>
      detachInterface(libvirt, domain, mac),
    );
  }

  async undefine(server: ServerId): Promise<void> {
    const domain = await this.#find(server);
    if (domain === undefined) return;
    await this.link.change(`undefining guest ${server}`, (libvirt) =>
      undefine(libvirt, domain, this.#parts.former),
    );
  }

  async start(server: ServerId): Promise<void> {
    await this.#guest('starting', server, power.start);
  }

  async destroy(server: ServerId): Promise<void> {
    const domain = await this.#find(server);
    if (domain === undefined) return;
    await this.link.change(`ending guest ${server}`, (libvirt) => power.destroy(libvirt, domain));
  }

  async shutdown(server: ServerId, timeoutMs: number): Promise<boolean> {
    return this.#guest('shutting down', server, (libvirt, domain) =>
      power.shutdown(libvirt, domain, timeoutMs),
    );
  }

  async softReboot(server: ServerId, timeoutMs: number): Promise<boolean> {
    return this.#guest('rebooting', server, (libvirt, domain) =>
      power.softReboot(libvirt, domain, timeoutMs),
    );
  }

  async pause(server: ServerId): Promise<void> {
    await this.#guest('pausing', server, power.pause);
  }

  async unpause(server: ServerId): Promise<void> {
    await this.#guest('unpausing', server, power.unpause);
  }

  async suspend(server: ServerId): Promise<void> {
    await this.#guest('suspending', server, power.suspend);
  }

  async resume(server: ServerId): Promise<void> {
    await this.#guest('resuming', server, power.resume);
  }

  async injectNmi(server: ServerId): Promise<void> {
    await this.#guest('sending an NMI to', server, async (libvirt, domain) => {
      const { state } = await libvirt.domainGetState({ domain });
      if (!isActive(state)) throw new Failure('conflict', `The guest ${server} does not run.`);
      await libvirt.domainInjectNMI({ domain });
    });
  }

  async observe(server: ServerId): Promise<GuestObservation> {
    return this.link.read(`looking at guest ${server}`, (libvirt) => observe(libvirt, server));
  }

  async machineIdentity(server: ServerId): Promise<ReadIdentity | null> {
    const definition = await this.#definitionOf(server);
    if (definition === null) return null;
    return { ...readIdentity(definition), interfaces: readInterfaces(definition) };
  }

  async readGuest(server: ServerId): Promise<GuestReading | null> {
    const domain = await this.#find(server);
    if (domain === undefined) return null;
    return this.link.read(`reading what guest ${server} runs with`, (libvirt) =>
      readGuest(libvirt, domain, this.#cpus),
    );
  }

  async guests(): Promise<GuestObservation[]> {
    const held = new Set(await readdir(this.#parts.instancesDir));
    return this.link.read('listing guests', (libvirt) => observeAll(libvirt, held));
  }

  watch(signal: AbortSignal): AsyncIterable<GuestObservation> {
    const guests = {
      isOurs: (server: ServerId) => exists(join(this.#parts.instancesDir, server)),
      observe: (server: ServerId) => this.observe(server),
      all: () => this.guests(),
    };
    return watchGuests(this.link, guests, signal);
  }

  async consoleLog(server: ServerId, lines: number | null): Promise<string> {
    return readConsoleLog(join(this.#parts.disks.directoryOf(server), 'console.log'), lines);
  }

  async close(): Promise<void> {
    await this.#parts.release();
  }

  /** Runs work on a guest, which must exist. */
  async #guest<Result>(
    doing: string,
    server: ServerId,
    act: (libvirt: Libvirt, domain: Domain) => Promise<Result>,
  ): Promise<Result> {
    const domain = await this.#find(server);
    if (domain === undefined)
      throw new Failure('not-found', `The compute host has no such guest: ${doing} guest ${server}.`);
    return this.link.change(`${doing} guest ${server}`, (libvirt) => act(libvirt, domain));
  }

  async #find(server: ServerId): Promise<Domain | undefined> {
    return this.link.read(`looking up guest ${server}`, (libvirt) => findDomain(libvirt, server));
  }

  /** A guest's persistent definition with its secrets; null when it has none. */
  async #definitionOf(server: ServerId): Promise<string | null> {
    const domain = await this.#find(server);
    if (domain === undefined) return null;
    return this.link.read(`reading the definition of guest ${server}`, (libvirt) =>
      libvirt.domainGetXMLDesc({ domain, flags: xmlFlags.inactive | xmlFlags.secure }),
    );
  }
}
