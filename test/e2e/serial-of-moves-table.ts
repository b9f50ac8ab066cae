/** The hosts of the table, each with the option that it decides with. */
export const HOST_OPTIONS = { host1: 'auto', host2: 'os', host3: 'unique' } as const;
export type TableHost = keyof typeof HOST_OPTIONS;

/** The servers of the table: what asks for a serial of its own, or against it. */
export const SERVERS = {
  flavor: 'flavor true',
  image: 'image true',
  unset: 'both unset',
  false: 'one false',
} as const;
export type TableServer = keyof typeof SERVERS;

/** A serial: the server's own UUID, or the machine-id of a host. */
export type TableSerial = 'own' | TableHost;

/** One operation, on all four servers: where they are then, and what each guest reads. */
export interface Row extends Readonly<Record<TableServer, TableSerial>> {
  readonly operation: string;
  /** The host that they are on afterwards; `kept` says that none of the serials may change. */
  readonly on: TableHost;
  readonly kept?: true;
}

/**
 * The serial of a guest, operation by operation, each going on from the one above it. All servers are made on
 * the first host. `host1`: the guest reads that host's machine-id, wherever it runs.
 */
export const MOVES_TABLE: readonly Row[] = [
  { operation: 'create', on: 'host1', flavor: 'own', image: 'own', unset: 'host1', false: 'host1' },
  { operation: 'cold migrate', on: 'host2', flavor: 'own', image: 'own', unset: 'host2', false: 'host2' },
  { operation: 'revert', on: 'host1', flavor: 'own', image: 'own', unset: 'host1', false: 'host1' },
  { operation: 'cold migrate', on: 'host3', flavor: 'own', image: 'own', unset: 'own', false: 'host3' },
  { operation: 'confirm', on: 'host3', kept: true, flavor: 'own', image: 'own', unset: 'own', false: 'host3' },
  { operation: 'live migrate', on: 'host2', kept: true, flavor: 'own', image: 'own', unset: 'own', false: 'host3' },
  { operation: 'pause, unpause', on: 'host2', kept: true, flavor: 'own', image: 'own', unset: 'own', false: 'host3' },
  { operation: 'suspend, resume', on: 'host2', kept: true, flavor: 'own', image: 'own', unset: 'own', false: 'host3' },
  { operation: 'soft reboot', on: 'host2', kept: true, flavor: 'own', image: 'own', unset: 'own', false: 'host3' },
  { operation: 'hard reboot', on: 'host2', flavor: 'own', image: 'own', unset: 'host2', false: 'host2' },
  { operation: 'live migrate', on: 'host1', kept: true, flavor: 'own', image: 'own', unset: 'host2', false: 'host2' },
  { operation: 'stop, start', on: 'host1', flavor: 'own', image: 'own', unset: 'host1', false: 'host1' },
  { operation: 'resize to another host', on: 'host3', flavor: 'own', image: 'own', unset: 'own', false: 'host3' },
  { operation: 'revert', on: 'host1', flavor: 'own', image: 'own', unset: 'host1', false: 'host1' },
  { operation: 'live migrate', on: 'host3', kept: true, flavor: 'own', image: 'own', unset: 'host1', false: 'host1' },
  { operation: 'rebuild', on: 'host3', flavor: 'own', image: 'own', unset: 'own', false: 'host3' },
  { operation: 'evacuate', on: 'host2', flavor: 'own', image: 'own', unset: 'host2', false: 'host2' },
]; // biome-ignore format: a table

/** The table as a section of docs/serial.md; `npm run docs` writes it. */
export function renderMovesTable(): string {
  const hosts = Object.entries(HOST_OPTIONS).map(([host, option]) => `${host} \`${option}\``);
  const titles = ['operation', 'then on', 'serial', ...Object.values(SERVERS)];
  const lines = MOVES_TABLE.map((row) => {
    const cells = (Object.keys(SERVERS) as TableServer[]).map((server) => worded(row[server]));
    const where = `${row.on} \`${HOST_OPTIONS[row.on]}\``;
    return [row.operation, where, row.kept ? 'kept' : 'decided anew', ...cells];
  });
  const table = [titles, titles.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`);
  return `Four servers are made on the first of three compute hosts and go from one operation to the next, top to bottom. What stands in a cell is what the guest itself reads
after it: its own UUID, or the machine-id of the host named. The hosts' \`sysinfo_serial\`: ${hosts.join(', ')}.

\`test/e2e/serial-of-moves.test.ts\` holds every cell of this table against real guests on three libvirt hosts: the line that the guest prints before and after, libvirt's live and inactive XML at the destination, and that the source has it no more, or switched off.

${table.join('\n')}
`;
}

function worded(serial: TableSerial): string {
  return serial === 'own' ? 'own UUID' : `machine-id of ${serial}`;
}
