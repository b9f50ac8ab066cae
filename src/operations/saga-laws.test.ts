import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { type Cloud, startCloud } from '../../test/lab/cloud.ts';
import { createFaultyDriver, type FaultyDriver } from '../../test/lab/faulty-driver.ts';
import { MOVE_CASES, OTHER_HOST } from '../../test/lab/move-cases.ts';
import { begin, OPERATION_CASES, type OperationCase, serverFor } from '../../test/lab/operation-cases.ts';
import { requester } from '../../test/lab/requests.ts';
import { heldOf, portsLeft, type WholeServer, wholeServer } from '../../test/lab/whole-server.ts';
import { Failure } from '../model/failure.ts';
import type { ServerId } from '../model/ids.ts';
import type { Server } from '../model/server.ts';
import type { OperationKind } from './engine/step.ts';
import { deleteServer } from './kinds/delete-server.ts';
import { OPERATION_KINDS } from './kinds/operation-kinds.ts';

const broken = () => new Failure('internal', 'The hypervisor is on fire.', { operatorText: 'on fire' });
const CASES = [...OPERATION_CASES, ...MOVE_CASES];
const TIDYING = ['forgetDefinition', 'deleteDisks', 'unplug'];

/** How many of an operation's calls can still fail it: not those that tidy up, which are its last. */
function untilTidying(calls: readonly string[]): number {
  const forgets = calls.indexOf('forgetDefinition');
  const gone = calls.indexOf('migrateLive') + 1;
  return forgets >= 0 ? forgets : gone > 0 ? gone : calls.length;
}

/** The last call that can fail the operation; none if it only tidies. */
function lastToFail(calls: readonly string[]): string | undefined {
  return calls.slice(0, untilTidying(calls)).findLast((method) => !TIDYING.includes(method));
}

/** Runs a case once, undisturbed but for the faults that are armed once it stands where it begins. */
async function run(cloud: Cloud, of: OperationCase, arm: () => void = () => {}): Promise<ServerId> {
  const server = await serverFor(cloud, of);
  arm();
  const { id } = await begin(cloud, of, server);
  await cloud.idle();
  return id;
}

async function inCloud(
  options: Parameters<typeof startCloud>[0] = {},
  work: (cloud: Cloud, faults: FaultyDriver) => Promise<void>,
): Promise<void> {
  const faults = createFaultyDriver();
  const cloud = await startCloud({ wrap: faults.wrap, wrapNetworks: faults.wrapNetworks, ...options });
  try {
    await work(cloud, faults);
  } finally {
    await cloud.close();
  }
}

/**
 * Whatever became of a server, asking for its deletion takes away all of it, and hosts that it has left are
 * cleared when they tell of it.
 * @param mayLeave whether it may have left disks or ports on another host, of which no definition tells
 */
async function assertDeletes(cloud: Cloud, id: ServerId, label: string, mayLeave = false): Promise<void> {
  const server = await cloud.server(id);
  if (server.vmState !== 'deleted') await cloud.operations.start(deleteServer, server, {}, requester());
  await cloud.idle();
  assert.equal((await cloud.server(id)).vmState, 'deleted', label);
  await cloud.tellOfGuests();
  if (mayLeave) await cloud.tellOfHeld();
  assert.deepEqual(await heldOf(cloud, id), [], `${label}: nothing is left`);
  assert.deepEqual(await portsLeft(cloud, id), [], `${label}: nothing is left of its ports`);
  assert.deepEqual(await cloud.store.operations.unfinished(), [], label);
}

/** The calls to the driver that a case makes when all goes well. */
async function callsOf(cloud: Cloud, faults: FaultyDriver, of: OperationCase): Promise<readonly string[]> {
  const id = await run(cloud, of, () => faults.arm(() => undefined));
  return faults.callsOn(id);
}

describe('after a crash at any boundary, an operation reaches the same end', () => {
  for (const of of CASES) {
    it(`${of.name}, going on`, () => crashEverywhere(of, null));
    it(`${of.name}, unwinding`, async (t) => {
      let failing: string | undefined;
      await inCloud(of.cloud, async (cloud, faults) => {
        const calls = await callsOf(cloud, faults, of);
        failing = lastToFail(calls);
      });
      if (failing === undefined) return t.skip('it only tidies: it never unwinds');
      await crashEverywhere(of, failing);
    });
  }
});

/**
 * Ends the operation at each of its boundaries, on a server for each, as a crash would; starts again;
 * compares with one that was left alone.
 */
async function crashEverywhere(of: OperationCase, failing: string | null): Promise<void> {
  const failed = new Set<ServerId>();
  const decide = ({ method, server }: { method: string; server: ServerId }) => {
    if (method !== failing || failed.has(server)) return undefined;
    failed.add(server);
    return { when: 'before', failure: broken() } as const;
  };
  const boundaries: string[] = [];
  const crashes = new Map<ServerId, string>();
  let crashOfNext: string | undefined;
  const faults = createFaultyDriver();
  const { wrap, wrapNetworks } = faults;
  const first = await startCloud({
    ...of.cloud,
    ...{ wrap, wrapNetworks },
    onBoundary({ server, kind, boundary }) {
      if (kind !== of.kind) return;
      if (crashOfNext !== undefined) crashes.set(server, crashOfNext);
      crashOfNext = undefined;
      const crash = crashes.get(server);
      if (crash === undefined) boundaries.push(boundary);
      else if (crash === boundary) throw new Error('the process ends here');
    },
  });
  const untouched = await run(first, of, () => faults.arm(decide));
  assert.ok(boundaries.length >= 2, 'there are boundaries');
  const expected = await wholeServer(first, untouched);
  for (const boundary of boundaries) {
    faults.disarm();
    const server = await serverFor(first, of);
    faults.arm(decide);
    if (server === undefined) crashOfNext = boundary;
    else crashes.set(server.id, boundary);
    await begin(first, of, server);
    await first.idle();
  }
  await first.stop();

  faults.arm(decide);
  const second = await startCloud({ ...of.cloud, folder: first.folder, wrap, wrapNetworks });
  try {
    await second.idle();
    assert.deepEqual(await second.store.operations.unfinished(), []);
    assert.equal(crashes.size, boundaries.length);
    for (const [id, boundary] of crashes)
      assert.deepEqual(await wholeServer(second, id), expected, `crashed at '${boundary}'`);
    faults.disarm();
    for (const [id, boundary] of crashes) await assertDeletes(second, id, `crashed at '${boundary}'`);
  } finally {
    await second.stop();
    await rm(first.folder, { recursive: true });
  }
}

describe('a failure at any call leaves server and host as they were', () => {
  for (const when of ['before', 'after'] as const)
    for (const of of CASES)
      it(`${of.name}, failing ${when === 'before' ? 'instead of' : 'after'} each call`, () =>
        inCloud(of.cloud, async (cloud, faults) => {
          const calls = await callsOf(cloud, faults, of);
          for (const [index, method] of calls.entries()) {
            const label = `${method}, call ${index + 1} of ${calls.length}`;
            const tidies = TIDYING.includes(method) || index >= untilTidying(calls);
            faults.disarm();
            const server = await serverFor(cloud, of);
            const before = server && (await wholeServer(cloud, server.id));
            faults.arm(({ number }) => (number === index + 1 ? { when, failure: broken() } : undefined));
            const { id } = await begin(cloud, of, server);
            await cloud.idle();
            const after = await wholeServer(cloud, id);
            if (of.kind === 'create-server' && !tidies) assertBuildFailed(after, label);
            else if (of.kind === 'delete-server') assertInError(after, label);
            else if (cannotGoBack(of, { method, when })) assertStopped(after, before!, label);
            else if (method === 'migrateLive' && when === 'after') assertGone(after, label);
            else if (!tidies) assert.deepEqual(asLeft(after), asLeft(before!), label);
            else assert.equal(after.server.taskState, null, label);
            await assertDeletes(cloud, id, label, tidies && of.cloud !== undefined);
          }
        }));
});

/** A guest that was asked to go cannot be asked back; memory that was given up for a boot may be lost. */
function cannotGoBack({ name }: OperationCase, { method, when }: { method: string; when: string }): boolean {
  if (name === 'stop') return when === 'after';
  return name === 'hard reboot of a suspended server' && method === 'start';
}

/** Then the server is stopped, which is true, and all but its power is as before. */
function assertStopped(after: WholeServer, before: WholeServer, label: string): void {
  const { vmState, powerState, taskState } = after.server;
  const stopped = { vmState: 'stopped', powerState: 'shutdown', taskState: null };
  assert.deepEqual({ vmState, powerState, taskState }, stopped, label);
  assert.equal(after.guest?.power, 'shutdown', label);
  assert.deepEqual(after.guest.definition, before.guest?.definition, label);
  assert.deepEqual(after.guest.kept, {}, label);
}

/** A guest that has gone to the other host is not called back: its server follows it. */
function assertGone({ server, guest, elsewhere }: WholeServer, label: string): void {
  const { host, taskState, vmState } = server;
  const power = vmState === 'paused' ? 'paused' : 'running';
  assert.deepEqual(
    { host, taskState, power: guest?.power },
    { host: OTHER_HOST, taskState: null, power },
    label,
  );
  assert.deepEqual(elsewhere, {}, `${label}: nothing is left at the source`);
}

/** What must be as before: not how often the guest has booted, nor what it printed. */
function asLeft({ guest, elsewhere, migrations: _, ...rest }: WholeServer): unknown {
  const others = Object.entries(elsewhere).map(([host, there]) => [host, withoutBoots(there)]);
  return { ...rest, elsewhere: others, guest: withoutBoots(guest) };
}

function withoutBoots(guest: WholeServer['guest']): unknown {
  const { console: _, disks, ...kept } = guest ?? { console: '', disks: {} };
  return { ...kept, disks: Object.keys(disks) };
}

function assertInError({ server }: WholeServer, label: string): void {
  const { vmState, taskState, fault } = server;
  assert.deepEqual(
    { vmState, taskState, says: fault?.message },
    { vmState: 'error', taskState: null, says: broken().message },
    label,
  );
  assert.equal(fault?.details, 'on fire', label);
}

function assertBuildFailed(after: WholeServer, label: string): void {
  assertInError(after, label);
  assert.equal(after.server.host, null, `${label}: its place on the host is given back`);
  assert.equal(after.guest, undefined, `${label}: nothing is left on the host`);
}

/** The power that the API shows is the one that the guest has on the server's host. */
async function assertRealPower(cloud: Cloud, id: ServerId, label: string): Promise<void> {
  const { host, powerState } = await cloud.server(id);
  if (host === null) return;
  const { power } = await cloud.hosts.get(host)!.driver.observe(id);
  assert.equal(powerState, power === 'absent' ? 'nostate' : power, label);
}

describe('when everything fails from some call on', () => {
  for (const of of CASES)
    it(`${of.name}: the server rests in a state that says so, and can be deleted`, () =>
      inCloud(of.cloud, async (cloud, faults) => {
        const calls = await callsOf(cloud, faults, of);
        for (let from = 1; from <= calls.length; from++) {
          const label = `from call ${from} of ${calls.length} on`;
          faults.disarm();
          const server = await serverFor(cloud, of);
          faults.arm(({ number }) => (number >= from ? { when: 'before', failure: broken() } : undefined));
          const { id } = await begin(cloud, of, server);
          await cloud.idle();
          const { vmState, taskState, fault } = await cloud.server(id);
          assert.equal(taskState, null, label);
          if (vmState === 'error') assert.equal(fault?.message, broken().message, label);
          else assert.notEqual(vmState, 'building', label);
          const live = (await heldOf(cloud, id)).filter((guest) => guest.live !== null);
          await assertRealPower(cloud, id, label);
          if (of.kind !== 'evacuate-server') assert.ok(live.length <= 1, `${label}: it runs once`);
          faults.disarm();
          await assertDeletes(cloud, id, label, of.cloud !== undefined);
        }
      }));
});

describe('done twice, a step does nothing more', () => {
  const doubled: OperationKind[] = OPERATION_KINDS.map((kind) => ({
    ...kind,
    steps: kind.steps.map((step) => ({
      ...step,
      async do(context) {
        await step.do(context);
        return step.do(context);
      },
      undo:
        typeof step.undo === 'string'
          ? step.undo
          : async (context) => {
              if (typeof step.undo === 'string') return;
              await step.undo(context);
              await step.undo(context);
            },
    })),
  }));
  for (const of of CASES) {
    if (of.kind === 'soft-reboot-server') continue; // asked twice, a guest reboots twice
    it(of.name, async () => {
      let expected: unknown;
      await inCloud(of.cloud, async (cloud) => {
        expected = await wholeServer(cloud, await run(cloud, of));
      });
      await inCloud({ ...of.cloud, kinds: doubled }, async (cloud) => {
        assert.deepEqual(await wholeServer(cloud, await run(cloud, of)), expected);
      });
    });
    it(`${of.name}, unwinding`, async () => {
      const unwound = async (kinds: readonly OperationKind[]) => {
        let end: unknown;
        await inCloud({ ...of.cloud, kinds }, async (cloud, faults) => {
          const calls = await callsOf(cloud, faults, of);
          const failing = lastToFail(calls);
          const failed = new Set<ServerId>();
          const id = await run(cloud, of, () =>
            faults.arm(({ method, server }) => {
              if (method !== failing || failed.has(server)) return undefined;
              failed.add(server);
              return { when: 'before', failure: broken() };
            }),
          );
          end = await wholeServer(cloud, id);
        });
        return end;
      };
      assert.deepEqual(await unwound(doubled), await unwound(OPERATION_KINDS));
    });
  }
});

describe('an answer that is lost', () => {
  for (const of of CASES)
    it(`${of.name}: the step is done again, and the end is the same`, () =>
      inCloud(of.cloud, async (cloud, faults) => {
        const id = await run(cloud, of, () => faults.arm(() => undefined));
        const expected = await wholeServer(cloud, id);
        const calls = faults.callsOn(id);
        faults.disarm();
        const servers: (Server | undefined)[] = [];
        for (const _ of calls) servers.push(await serverFor(cloud, of));
        const places = new Map<ServerId, number>();
        faults.arm(({ server, number }) => {
          if (!places.has(server)) places.set(server, places.size + 1);
          const lost = number === places.get(server);
          return lost ? { when: 'after', failure: new Failure('outcome-unknown', 'No answer.') } : undefined;
        });
        const begun = await Promise.all(servers.map((server) => begin(cloud, of, server)));
        await cloud.idle();
        for (const { id: each } of begun) {
          const label = `${calls[places.get(each)! - 1]}, call ${places.get(each)} of ${calls.length}`;
          const end = await wholeServer(cloud, each);
          if (of.kind === 'soft-reboot-server') assert.equal(end.server.vmState, 'active', label);
          else assert.deepEqual(end, expected, label);
        }
      }));
});
