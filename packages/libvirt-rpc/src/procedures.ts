import {
  array,
  type Codec,
  type Fields,
  fallback,
  type Given,
  i32,
  i64,
  nothing,
  opaque,
  optional,
  string,
  struct,
  type TypeOf,
  truth,
  u32,
  u64,
  uuid,
} from './codec.ts';
import { domain, network, nwfilter } from './remote-types.ts';
import { typedParam } from './typed-param.ts';

/** One procedure of libvirt's remote protocol. */
export interface Procedure<F extends Fields = Fields, R = unknown> {
  readonly number: number;
  readonly args: F;
  readonly payload: Codec<unknown>;
  readonly result: Codec<R>;
  /**
   * Whether it never waits for a hypervisor's monitor (libvirt's `@priority: high`), so that it may use the
   * reserved places.
   */
  readonly prompt: boolean;
  /** Whether it may take minutes, so that the connection's default time limit does not apply. */
  readonly patient: boolean;
}

const flags = fallback(u32, 0);
const params = array(typedParam);
const optionalString = optional(string);

/**
 * The procedures, by libvirt's own names without `vir`. To add one, add a line with its number, arguments
 * and result from src/remote/remote_protocol.x. Fields have the order of the protocol, and a result with one
 * field is that field's value. Memory is in KiB and disk sizes are in bytes, unless noted otherwise.
 */
export const procedures = {
  connectOpen: prompt(1, { name: optionalString, flags }, nothing),
  connectClose: prompt(2, {}, nothing),
  connectGetType: prompt(3, {}, string),
  connectGetVersion: prompt(4, {}, u64),
  connectGetMaxVcpus: prompt(5, { type: optionalString }, i32),
  connectGetCapabilities: ordinary(7, {}, string),
  connectGetHostname: prompt(59, {}, string),
  connectSupportsFeature: prompt(60, { feature: i32 }, truth),
  connectGetURI: prompt(110, {}, string),
  connectGetLibVersion: prompt(157, {}, u64),
  connectCompareCPU: prompt(158, { xml: string, flags }, i32),
  connectGetSysinfo: prompt(203, { flags }, string),
  connectListAllDomains: prompt(273, { needResults: fallback(truth, true), flags }, listed(domain)),
  connectListAllNetworks: prompt(283, { needResults: fallback(truth, true), flags }, listed(network)),
  connectListAllNWFilters: prompt(286, { needResults: fallback(truth, true), flags }, listed(nwfilter)),
  connectGetCPUModelNames: ordinary(
    312,
    { arch: string, needResults: fallback(truth, true), flags },
    listed(string),
  ),
  connectDomainEventCallbackRegisterAny: prompt(316, { eventId: i32, domain: optional(domain) }, i32),
  connectDomainEventCallbackDeregisterAny: prompt(317, { callbackId: i32 }, nothing),
  connectGetDomainCapabilities: ordinary(
    342,
    {
      emulator: optionalString,
      arch: optionalString,
      machine: optionalString,
      virtType: optionalString,
      flags,
    },
    string,
  ),
  connectGetAllDomainStats: ordinary(
    344,
    { domains: fallback(array(domain), []), stats: flags, flags },
    array(struct({ domain, params })),
  ),
  connectCompareHypervisorCPU: ordinary(
    393,
    {
      emulator: optionalString,
      arch: optionalString,
      machine: optionalString,
      virtType: optionalString,
      xml: string,
      flags,
    },
    i32,
  ),
  connectBaselineHypervisorCPU: ordinary(
    394,
    {
      emulator: optionalString,
      arch: optionalString,
      machine: optionalString,
      virtType: optionalString,
      xmlCPUs: array(string),
      flags,
    },
    string,
  ),

  authList: prompt(66, {}, array(u32)),

  /** Memory in KiB, CPU frequency in MHz. */
  nodeGetInfo: prompt(
    6,
    {},
    struct({
      ...{ model: characters(32), memory: u64, cpus: i32, mhz: i32 },
      ...{ nodes: i32, sockets: i32, cores: i32, threads: i32 },
    }),
  ),
  /** In bytes. */
  nodeGetFreeMemory: prompt(102, {}, u64),
  nodeGetCPUMap: ordinary(
    293,
    { needMap: fallback(truth, true), needOnline: fallback(truth, true), flags },
    struct({ map: opaque, online: u32, cpus: i32 }),
  ),

  domainCreate: ordinary(9, { domain }, nothing),
  domainCreateXML: ordinary(10, { xml: string, flags }, domain),
  domainGetXMLDesc: ordinary(14, { domain, flags }, string),
  domainGetAutostart: prompt(15, { domain }, truth),
  domainGetInfo: ordinary(
    16,
    { domain },
    struct({ state: u32, maxMemory: u64, memory: u64, vcpus: u32, cpuTime: u64 }),
  ),
  domainGetMaxMemory: prompt(17, { domain }, u64),
  domainGetOSType: prompt(19, { domain }, string),
  domainLookupByID: prompt(22, { id: i32 }, domain),
  domainLookupByName: prompt(23, { name: string }, domain),
  domainLookupByUUID: prompt(24, { uuid }, domain),
  domainReboot: ordinary(27, { domain, flags }, nothing),
  domainResume: ordinary(28, { domain }, nothing),
  domainSetAutostart: prompt(29, { domain, autostart: truth }, nothing),
  domainSuspend: ordinary(34, { domain }, nothing),
  domainBlockStats: ordinary(
    64,
    { domain, path: string },
    struct({ readRequests: i64, readBytes: i64, writeRequests: i64, writeBytes: i64, errors: i64 }),
  ),
  domainInterfaceStats: ordinary(
    65,
    { domain, device: string },
    struct({
      ...{ rxBytes: i64, rxPackets: i64, rxErrors: i64, rxDropped: i64 },
      ...{ txBytes: i64, txPackets: i64, txErrors: i64, txDropped: i64 },
    }),
  ),
  domainIsActive: prompt(150, { domain }, truth),
  domainIsPersistent: prompt(151, { domain }, truth),
  domainMemoryStats: ordinary(
    159,
    { domain, maxStats: fallback(u32, 13), flags },
    array(struct({ tag: i32, value: u64 })),
  ),
  domainAttachDeviceFlags: ordinary(160, { domain, xml: string, flags }, nothing),
  domainDetachDeviceFlags: ordinary(161, { domain, xml: string, flags }, nothing),
  domainGetJobInfo: ordinary(
    163,
    { domain },
    struct({
      ...{ type: i32, timeElapsed: u64, timeRemaining: u64 },
      ...{ dataTotal: u64, dataProcessed: u64, dataRemaining: u64 },
      ...{ memTotal: u64, memProcessed: u64, memRemaining: u64 },
      ...{ fileTotal: u64, fileProcessed: u64, fileRemaining: u64 },
    }),
  ),
  domainAbortJob: ordinary(164, { domain }, nothing),
  domainMigrateSetMaxDowntime: ordinary(166, { domain, downtimeMs: u64, flags }, nothing),
  domainUpdateDeviceFlags: ordinary(174, { domain, xml: string, flags }, nothing),
  domainManagedSave: patient(182, { domain, flags }, nothing),
  domainHasManagedSaveImage: ordinary(183, { domain, flags }, truth),
  domainManagedSaveRemove: ordinary(184, { domain, flags }, nothing),
  domainGetBlockInfo: ordinary(
    194,
    { domain, path: string, flags },
    struct({ allocation: u64, capacity: u64, physical: u64 }),
  ),
  domainCreateWithFlags: ordinary(196, { domain, flags }, domain),
  domainSetVcpusFlags: ordinary(199, { domain, vcpus: u32, flags }, nothing),
  domainGetVcpusFlags: ordinary(200, { domain, flags }, i32),
  domainIsUpdated: prompt(202, { domain }, truth),
  domainSetMemoryFlags: ordinary(204, { domain, memory: u64, flags }, nothing),
  domainMigrateSetMaxSpeed: ordinary(207, { domain, mibPerSecond: u64, flags }, nothing),
  domainInjectNMI: ordinary(210, { domain, flags }, nothing),
  domainGetState: prompt(212, { domain, flags }, struct({ state: i32, reason: i32 })),
  domainUndefineFlags: prompt(231, { domain, flags }, nothing),
  domainDestroyFlags: prompt(234, { domain, flags }, nothing),
  domainBlockJobAbort: ordinary(237, { domain, path: string, flags }, nothing),
  domainGetBlockJobInfo: ordinary(
    238,
    { domain, path: string, flags },
    struct({ found: truth, type: i32, bandwidth: u64, cursor: u64, end: u64 }),
  ),
  /** In MiB/s. */
  domainMigrateGetMaxSpeed: ordinary(242, { domain, flags }, u64),
  domainReset: ordinary(245, { domain, flags }, nothing),
  domainBlockResize: ordinary(251, { domain, disk: string, size: u64, flags }, nothing),
  domainShutdownFlags: ordinary(258, { domain, flags }, nothing),
  domainSetMetadata: ordinary(
    264,
    { domain, type: i32, metadata: optionalString, key: optionalString, uri: optionalString, flags },
    nothing,
  ),
  domainGetMetadata: ordinary(265, { domain, type: i32, uri: optionalString, flags }, string),
  domainGetJobStats: ordinary(298, { domain, flags }, struct({ type: i32, params })),
  /** A complete peer-to-peer migration. `targetUri` is the other daemon's URI for the source's daemon. */
  domainMigratePerform3Params: patient(
    305,
    { domain, targetUri: optionalString, params, cookie: fallback(opaque, new Uint8Array()), flags },
    opaque,
  ),
  domainDefineXMLFlags: prompt(350, { xml: string, flags }, domain),
  domainRename: ordinary(358, { domain, name: optionalString, flags }, i32),
  domainMigrateStartPostCopy: ordinary(364, { domain, flags }, nothing),
  domainSetUserPassword: ordinary(
    357,
    { domain, user: optionalString, password: optionalString, flags },
    nothing,
  ),
  /** In milliseconds. */
  domainMigrateGetMaxDowntime: ordinary(387, { domain, flags }, u64),
  domainDetachDeviceAlias: ordinary(392, { domain, alias: string, flags }, nothing),
  domainGetMessages: ordinary(426, { domain, flags }, array(string)),
  domainAbortJobFlags: ordinary(442, { domain, flags }, nothing),

  networkCreate: ordinary(39, { network }, nothing),
  networkDefineXML: prompt(41, { xml: string }, network),
  networkDestroy: prompt(42, { network }, nothing),
  networkGetXMLDesc: prompt(43, { network, flags }, string),
  networkGetBridgeName: prompt(45, { network }, string),
  networkLookupByName: prompt(46, { name: string }, network),
  networkLookupByUUID: prompt(47, { uuid }, network),
  networkSetAutostart: prompt(48, { network, autostart: truth }, nothing),
  networkUndefine: prompt(49, { network }, nothing),
  networkIsActive: prompt(152, { network }, truth),
  /** Changes one part of a network. Daemons before 7.2 read `command` and `section` in the other order. */
  networkUpdate: prompt(
    291,
    { network, command: u32, section: u32, parentIndex: fallback(i32, -1), xml: string, flags },
    nothing,
  ),

  nwfilterLookupByName: prompt(175, { name: string }, nwfilter),
  nwfilterLookupByUUID: prompt(176, { uuid }, nwfilter),
  nwfilterGetXMLDesc: prompt(177, { nwfilter, flags }, string),
  /** Interfaces that use the filter follow at once. */
  nwfilterDefineXML: prompt(180, { xml: string }, nwfilter),
  nwfilterUndefine: prompt(181, { nwfilter }, nothing),
} as const;

/** The name of a procedure: see the table of procedures. */
export type ProcedureName = keyof typeof procedures;

/** Arguments of a procedure, by field. */
export type ArgsOf<N extends ProcedureName> = Given<(typeof procedures)[N]['args']>;

/** Result of a procedure. */
export type ResultOf<N extends ProcedureName> = TypeOf<(typeof procedures)[N]['result']>;

function ordinary<F extends Fields, R>(number: number, args: F, result: Codec<R>): Procedure<F, R> {
  return { number, args, payload: struct(args), result, prompt: false, patient: false };
}

function prompt<F extends Fields, R>(number: number, args: F, result: Codec<R>): Procedure<F, R> {
  return { ...ordinary(number, args, result), prompt: true };
}

function patient<F extends Fields, R>(number: number, args: F, result: Codec<R>): Procedure<F, R> {
  return { ...ordinary(number, args, result), patient: true };
}

/** An array, followed by its length once more. */
function listed<T>(codec: Codec<T>): Codec<readonly T[]> {
  const items = array(codec);
  return {
    size: items.size + 4,
    write: (writer, values) => {
      items.write(writer, values);
      writer.u32(values.length);
    },
    read: (reader) => {
      const values = items.read(reader);
      reader.u32();
      return values;
    },
  };
}

/** A fixed array of C characters of four bytes each, up to its first NUL. */
function characters(length: number): Codec<string> {
  return {
    size: length * 4,
    write: (writer, value) => {
      const bytes = Buffer.alloc(length);
      bytes.write(value, 'latin1');
      for (const byte of bytes) writer.i32(byte);
    },
    read: (reader) => {
      const bytes = Buffer.from(Array.from({ length }, () => reader.i32() & 0xff));
      const end = bytes.indexOf(0);
      return bytes.toString('utf8', 0, end < 0 ? length : end);
    },
  };
}
