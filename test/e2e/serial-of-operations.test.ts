import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { connect, type Libvirt, xmlFlags } from 'libvirt-rpc';
import { ComputeClient, type GuestLine } from '../lab/compute-client.ts';
import { type LibvirtHost, libvirtHostObstacle, startLibvirtHost } from '../lab/libvirt-host.ts';
import { makeStateDir, removeStateDir, startTestService, type TestService } from '../lab/service.ts';

/**
 * The operations table of docs/serial.md, on a real guest of a server whose flavor and image say nothing.
 * Before each operation the guest reads the host's machine-id; then the host's option becomes `unique`. So a
 * serial that was decided anew is the server's UUID, and one that was kept is the machine-id. Each is read
 * from the guest's own line, and from libvirt's live and inactive XML.
 */
const TABLE: readonly Row[] = [
  {
    operation: 'pause and unpause',
    serial: 'kept',
    steps: [
      [{ pause: null }, 'PAUSED'],
      [{ unpause: null }, 'ACTIVE'],
    ],
  },
  {
    operation: 'suspend and resume',
    serial: 'kept',
    steps: [
      [{ suspend: null }, 'SUSPENDED'],
      [{ resume: null }, 'ACTIVE'],
    ],
  },
  { operation: 'soft reboot', serial: 'kept', steps: [[{ reboot: { type: 'SOFT' } }, 'ACTIVE']] },
  {
    operation: 'lock and unlock',
    serial: 'kept',
    steps: [
      [{ lock: null }, 'ACTIVE'],
      [{ unlock: null }, 'ACTIVE'],
    ],
  },
  { operation: 'hard reboot', serial: 'decided anew', steps: [[{ reboot: { type: 'HARD' } }, 'ACTIVE']] },
  {
    operation: 'stop and start',
    serial: 'decided anew',
    steps: [
      [{ 'os-stop': null }, 'SHUTOFF'],
      [{ 'os-start': null }, 'ACTIVE'],
    ],
  },
  {
    operation: 'rebuild',
    serial: 'decided anew',
    steps: [[{ rebuild: { imageRef: 'nameplate-demo' } }, 'ACTIVE']],
  },
  { operation: 'resize', serial: 'decided anew', steps: [[{ resize: { flavorRef: '2' } }, 'VERIFY_RESIZE']] },
  {
    operation: 'confirm resize',
    serial: 'kept',
    after: [[{ resize: { flavorRef: '1' } }, 'VERIFY_RESIZE']],
    steps: [[{ confirmResize: null }, 'ACTIVE']],
  },
  {
    operation: 'revert resize',
    serial: 'decided anew',
    after: [[{ resize: { flavorRef: '2' } }, 'VERIFY_RESIZE']],
    steps: [[{ revertResize: null }, 'ACTIVE']],
  },
];

type Action = readonly [action: Record<string, unknown>, status: string];
interface Row {
  readonly operation: string;
  readonly serial: 'kept' | 'decided anew';
  /** What is done first, while the host's option is still `os`; default: a hard reboot. */
  readonly after?: readonly Action[];
  readonly steps: readonly Action[];
}

/** Actions after which the guest boots. */
const BOOTING = ['reboot', 'os-start', 'rebuild', 'resize', 'revertResize'];

const obstacle = libvirtHostObstacle();

describe('the serial, operation by operation, as the guest reads it', { skip: obstacle ?? false }, () => {
  let host: LibvirtHost;
  let libvirt: Libvirt;
  let stateDir: string;
  let service: TestService;
  let client: ComputeClient;
  let imageRef: string;
  let server: string;
  /** Of the guest's last boot. */
  let last: GuestLine;

  /** The service with this option for its host; the guests go on meanwhile. */
  async function serveWith(sysinfo_serial: 'os' | 'unique'): Promise<void> {
    await service?.close();
    service = await startTestService({
      stateDir,
      settings: {
        libvirt: { connection_uri: host.uri, virt_type: 'qemu', sysinfo_serial },
        nameplate: { machine_id_file: host.machineIdFile },
      },
    });
    client = await ComputeClient.login(service.url);
  }

  /**
   * Does actions. @returns a line that the guest printed after them, of the boot of the last action that
   * boots it; libvirt's two definitions have its serial
   */
  async function lineAfter(actions: readonly Action[]): Promise<GuestLine> {
    let line: GuestLine | undefined;
    for (const [action, status] of actions) {
      await client.act(server, 'rebuild' in action ? { rebuild: { imageRef } } : action, status);
      const boots = BOOTING.some((name) => name in action);
      line = boots ? await client.guestLine(server, { notBoot: last.bootId }) : undefined;
      last = line ?? last;
    }
    line ??= await client.guestLine(server, { from: (await client.consoleLog(server)).length });
    assert.equal(line.uuid, server);
    assert.equal(line.bootId, last.bootId, 'it booted with the last action that boots, and not since');
    const domain = await libvirt.domainLookupByUUID({ uuid: server });
    for (const flags of [0, xmlFlags.inactive]) {
      const xml = await libvirt.domainGetXMLDesc({ domain, flags });
      assert.equal(/<entry name='serial'>([^<]*)</.exec(xml)?.[1], line.serial, `XML with flags ${flags}`);
    }
    return line;
  }

  before(async () => {
    host = await startLibvirtHost({ name: 'serial' });
    libvirt = await connect(host.uri);
    stateDir = await makeStateDir();
    await serveWith('os');
    imageRef = await client.imageId('nameplate-demo');
    server = await client.createServer({ name: 'kept or decided', imageRef, flavorRef: '1' });
    await client.rests(server, 'ACTIVE');
    last = await client.guestLine(server);
  });

  after(async () => {
    await libvirt?.close();
    await service?.close();
    await host?.stop();
    if (stateDir !== undefined) await removeStateDir(stateDir);
  });

  for (const row of TABLE) {
    test(`${row.operation}: the serial is ${row.serial}`, async () => {
      await serveWith('os');
      if ((await client.show(server)).status === 'VERIFY_RESIZE')
        await client.act(server, { confirmResize: null }, 'ACTIVE');
      const before = await lineAfter(row.after ?? [[{ reboot: { type: 'HARD' } }, 'ACTIVE']]);
      assert.equal(before.serial.replaceAll('-', ''), host.machineId);

      await serveWith('unique');
      const now = await lineAfter(row.steps);
      assert.equal(now.serial, row.serial === 'kept' ? before.serial : server);
    });
  }
});
