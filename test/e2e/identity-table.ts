/** The hosts of the table, and the configuration in which they differ. */
export const HOSTS = {
  host1: { cpu: 'Nehalem' },
  host2: { cpu: 'Westmere', machineType: 'pc-i440fx-6.2' },
  host3: { cpu: 'Nehalem', lacks: 'pc-i440fx-6.2' },
} as const;
export type TableHost = keyof typeof HOSTS;

/** What a guest reads, as one value (`test/e2e/identity-reading.ts`), and what holds it. */
export const VALUES = {
  uuid: { title: 'system UUID', held: "the server's id" },
  serial: {
    title: 'serial',
    held: "the server's id, for servers with a serial of their own; else as [serial.md](serial.md) says",
  },
  smbios: {
    title: 'SMBIOS texts',
    held: "the server's record; texts that Nameplate does not set (chassis, firmware) are those of QEMU and of the host's SeaBIOS package, which is the same on all hosts here",
  },
  machineType: {
    title: 'machine type',
    held: "the server's record; read from the chassis version, where QEMU writes it",
  },
  disks: {
    title: 'disk serials',
    held: "the server's record, by the role of the disk. The names of IDE and SATA disks (`sda`) are Linux's own and change",
  },
  macs: { title: 'MACs', held: "the server's ports" },
  addresses: { title: 'IP addresses', held: "the server's ports; by DHCP" },
  pci: {
    title: 'PCI slots',
    held: "the server's record; address, class, vendor and device of every PCI function",
  },
  cpu: { title: 'CPU', held: 'nothing by default; `[libvirt] hold_cpu` would. Model, id and flags' },
  vcpus: { title: 'vCPUs', held: 'the flavor' },
} as const;
export type TableValue = keyof typeof VALUES;

/** Why a value may change. */
const REASONS = {
  host: 'as `[libvirt] cpu_mode` of the host says',
  flavor: 'as the flavor says',
} as const;

/** One operation, on all servers: the host that they are on then, and what may change. */
export interface Row {
  readonly operation: string;
  readonly on: TableHost;
  /** The guest boots: with another boot id. Else it runs on, with the same. */
  readonly boots: boolean;
  /** Values that are not held. */
  readonly changes?: Readonly<Partial<Record<TableValue, keyof typeof REASONS>>>;
  /** Whether the row is held in each run of the tests, and not only in long ones. */
  readonly short?: true;
}

const HOST_CPU = { cpu: 'host' } as const;
const FLAVOR = { vcpus: 'flavor' } as const;

/** All servers are made on the first host, and go from one operation to the next. */
export const IDENTITY_TABLE: readonly Row[] = [
  { operation: 'create', on: 'host1', boots: true, short: true },
  { operation: 'soft reboot', on: 'host1', boots: true },
  { operation: 'hard reboot', on: 'host1', boots: true },
  { operation: 'pause, unpause', on: 'host1', boots: false },
  { operation: 'suspend, resume', on: 'host1', boots: false },
  { operation: 'upgrade of Nameplate, hard reboot', on: 'host1', boots: true },
  { operation: 'rebuild', on: 'host1', boots: true },
  { operation: 'resize to a larger flavor', on: 'host3', boots: true, changes: FLAVOR },
  { operation: 'revert', on: 'host1', boots: true, changes: FLAVOR },
  { operation: 'live migrate', on: 'host2', boots: false, short: true },
  { operation: 'stop, start', on: 'host2', boots: true, changes: HOST_CPU, short: true },
  { operation: 'cold migrate', on: 'host3', boots: true, changes: HOST_CPU, short: true },
  { operation: 'revert', on: 'host2', boots: true, changes: HOST_CPU, short: true },
  { operation: 'resize to a larger flavor', on: 'host1', boots: true, changes: { ...HOST_CPU, ...FLAVOR } },
  { operation: 'confirm', on: 'host1', boots: false },
  { operation: 'evacuate', on: 'host2', boots: true, changes: HOST_CPU },
]; // biome-ignore format: a table

/** The table as a section of docs/identity.md; `npm run docs` writes it. */
export function renderIdentityTable(): string {
  const values = Object.keys(VALUES) as TableValue[];
  const titles = ['operation', 'then on', 'guest', ...values.map((value) => VALUES[value].title)];
  const lines = IDENTITY_TABLE.map(({ operation, on, boots, changes }, index) => {
    const cells = values.map((value) => {
      const reason = changes?.[value];
      return reason === undefined ? (index === 0 ? 'decided' : 'held') : REASONS[reason];
    });
    return [operation, on, boots ? 'boots' : 'runs on', ...cells];
  });
  const hosts = Object.entries(HOSTS).map(([name, host]) => `- ${name}: ${differences(host)}`);
  const known = values.map((value) => `- ${VALUES[value].title}: ${VALUES[value].held}`);
  return `\`test/e2e/identity.test.ts\` holds each cell inside guests of three libvirt hosts. Four servers, with their disks on virtio, SCSI, IDE and SATA,
are made on the first host and go from one operation to the next, top to bottom. Each has a serial of its own, an ephemeral and a swap
disk, a config drive and two ports. A cell compares what the guest itself reads after the operation with what it read before, and each value
of \`GET /nameplate/v1/servers/{id}/identity\` must be among what the guest reads. CI runs ${IDENTITY_TABLE.filter(({ short }) => short).length} of the rows, with virtio; \`npm run test:long\` runs all of them.

${table([titles, ...lines])}
Why a value is held:

${known.join('\n')}

The hosts differ:

${hosts.join('\n')}

A server that was made on host2 keeps the machine type \`${HOSTS.host2.machineType}\`: cold and live migration and evacuation to host3 are refused with the reason.
`;
}

function table([titles = [], ...lines]: readonly (readonly string[])[]): string {
  const rows = [titles, titles.map(() => '---'), ...lines];
  return rows.map((cells) => `| ${cells.join(' | ')} |\n`).join('');
}

function differences(host: { cpu: string; machineType?: string; lacks?: string }): string {
  const parts = [
    `\`cpu_mode = custom\`, \`cpu_models = ${host.cpu}\``,
    ...(host.machineType === undefined ? [] : [`\`hw_machine_type = x86_64=${host.machineType}\``]),
    ...(host.lacks === undefined ? [] : [`an emulator without \`${host.lacks}\``]),
  ];
  return parts.join(', ');
}
