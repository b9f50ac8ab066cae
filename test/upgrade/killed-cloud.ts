/**
 * Runs one case by a release's code on servers side by side, stops each operation at another of its step
 * boundaries, and ends itself with SIGKILL: the program that `write-fixtures.ts` starts. It writes what it
 * did on its standard output before. Arguments: the release's worktree, a folder, the store's connection, the
 * case's name.
 */
import { writeSync } from 'node:fs';
import type { ServerId } from '../../src/model/ids.ts';
import { Boundaries } from './boundaries.ts';
import { LAYOUTS, UPGRADE_CASES } from './cases.ts';
import type { LeftServer, Way } from './fixture.ts';
import { startReleaseCloud } from './release-cloud.ts';
import { furnish, send, serverFor } from './requests.ts';

const [release = '', folder = '', connection = '', name] = process.argv.slice(2);
const of = UPGRADE_CASES.find((each) => each.name === name);
if (of === undefined) throw new Error(`there is no case '${name}'`);

const boundaries = new Boundaries(of.kind);
const deletions = new Boundaries('delete-server');
const cloud = await startReleaseCloud({
  ...{ release, folder, connection, layout: LAYOUTS[of.layout] },
  onBoundary(at) {
    boundaries.pass(at);
    deletions.pass(at);
  },
});
const { client, faults } = cloud;
await furnish(client);

const left: LeftServer[] = [];
let failing: string | undefined;
const whole = await runWhole();
failing = lastToFail(faults.callsOn(whole));
const forward = boundaries.seen(whole);
for (const boundary of of.meanwhile ? forward.slice(0, -1) : forward) await leave('forward', boundary);
if (failing !== undefined && !of.meanwhile) {
  const all = boundaries.seen(await runWhole());
  for (const boundary of all.slice(all.findIndex((each) => each.startsWith('step failed'))))
    await leave('back', boundary);
}
faults.disarm();
const prepared = of.meanwhile ? undefined : await serverFor(client, of);
if (prepared !== undefined) left.push({ id: prepared, way: 'forward', boundary: 'not begun' });

writeSync(1, JSON.stringify({ failing: failing ?? null, servers: left }));
process.kill(process.pid, 'SIGKILL');

/** Runs the case's operation to its end. */
async function runWhole(): Promise<ServerId> {
  faults.disarm();
  const server = await serverFor(client, of!);
  if (failing === undefined) faults.arm(() => undefined);
  else cloud.failOnce(failing);
  const id = await send(client, of!.request, server);
  await boundaries.ended(id);
  return id;
}

/** Leaves a server whose operation stands at the boundary. */
async function leave(way: Way, boundary: string): Promise<void> {
  faults.disarm();
  const server = await serverFor(client, of!);
  if (way === 'back') cloud.failOnce(failing!);
  const reached = boundaries.stopAt(boundary, server);
  const id = await send(client, of!.request, server);
  await reached;
  if (of!.meanwhile !== undefined) {
    void deletions.stopAt('begun', id); // a replica among several does not come so far: it waits for the operation before
    await send(client, of!.meanwhile, id);
  }
  left.push({ id, way, boundary });
}

/** The last call to the driver that can fail the operation; none if it only tidies. */
function lastToFail(calls: readonly string[]): string | undefined {
  const forgets = calls.indexOf('forgetDefinition');
  const gone = calls.indexOf('migrateLive') + 1;
  const fatal = forgets >= 0 ? calls.slice(0, forgets) : gone > 0 ? calls.slice(0, gone) : calls;
  return fatal.findLast((method) => method !== 'deleteDisks');
}
