import { KeyedQueue } from '../async/keyed-queue.ts';
import type { Command, HostReport, Verb } from '../model/command.ts';
import { asFailure, Failure } from '../model/failure.ts';
import type { HostDescription } from '../model/host.ts';
import { PROTOCOL } from '../model/protocol.ts';
import { doubtfulIdentity } from '../serial/doubtful-identity.ts';
import { identityFault, withoutSmbios } from '../serial/host-identity.ts';
import { DiskServer } from './data-link/disk-server.ts';
import { readMachineId } from './machine-id.ts';
import type { AgentParts } from './parts.ts';
import { type Publishing, publishGuests, publishInventory, resyncGuests } from './publish-guests.ts';
import { ResyncSchedule } from './resync-schedule.ts';
import { runCommand } from './run-command.ts';
import { readUptime } from './uptime.ts';

/**
 * Commands that only read, or control a live migration in progress, do not wait for other commands of the
 * guest.
 */
const AT_ONCE: readonly Verb[] = [
  ...(['observe', 'read-guest', 'console-log'] as const),
  ...(['live-progress', 'abort-live', 'force-live'] as const),
];
/** How long other hosts may fetch offered disks. Milliseconds. */
const OFFER_MS = 5 * 60_000;

/**
 * Starts the agent of one compute host: it reports the host, carries out commands, and publishes the power
 * of guests. It sends the first report as soon as the hypervisor answers.
 * @returns a function that stops the agent; guests keep running
 */
export async function startAgent(parts: AgentParts): Promise<() => Promise<void>> {
  const { bus, driver, host } = parts;
  const startedAt = parts.now();
  const ending = new AbortController();
  const schedule = new ResyncSchedule(parts.now);
  let resyncing = Promise.resolve();
  const publishing: Publishing = { ...parts, onLost: () => schedule.onReportFailed() };
  let description: HostDescription | undefined;
  const report = async () => {
    try {
      const first = description === undefined;
      description = await driver.describeHost();
      if (first) await logIdentityFault(parts, description);
      await bus.publish({ type: 'host', report: await reportOf(parts, description, startedAt) });
      if (schedule.onReportAccepted())
        resyncing = resyncing.then(() => resyncGuests(publishing, ending.signal));
    } catch (error) {
      schedule.onReportFailed();
      parts.log('host-report-failed', { host, why: asFailure(error).operatorText });
    }
  };
  /** Commands of one guest run one after another, also if the requester of an earlier one has given up. */
  const queue = new KeyedQueue<string>();
  const diskServer = new DiskServer({
    ...{ moves: driver.moves, address: parts.hostIp, port: parts.diskPort, log: parts.log },
    offerMs: OFFER_MS,
  });
  const stopServing = await bus.serve(host, async (command, signal) => {
    description ??= await driver.describeHost();
    const work = async () => {
      if (signal.aborted)
        throw new Failure('timed-out', 'The compute host did not start the command in time.');
      return runCommand({ ...parts, diskServer }, description as HostDescription, { command, signal });
    };
    return AT_ONCE.includes(command.verb) ? work() : queue.run(subjectOf(command), work);
  });
  await report();

  const heartbeat = setInterval(() => void report(), parts.reportIntervalMs);
  const watching = Promise.all([
    publishGuests(publishing, ending.signal),
    publishInventory(publishing, ending.signal),
  ]);

  return async () => {
    clearInterval(heartbeat);
    ending.abort();
    await stopServing();
    await diskServer.close();
    await watching;
    await resyncing;
  };
}

/** The subject of the command, by which commands are queued: its server or image. */
function subjectOf(command: Command): string {
  if (command.verb === 'cache-image') return command.image.id;
  return 'plan' in command ? command.plan.serverId : command.server;
}

async function reportOf(
  parts: AgentParts,
  description: HostDescription,
  startedAt: number,
): Promise<HostReport> {
  return {
    ...description,
    name: parts.host,
    hostIp: parts.hostIp,
    zone: parts.zone,
    ...parts.ids,
    startedAt,
    lastSeenAt: parts.now(),
    serialOption: parts.serialOption,
    machineId: await readMachineId(parts.machineIdFile),
    version: parts.version,
    protocol: PROTOCOL,
    uptime: readUptime(parts.now()),
    networks: await parts.network.abilities(),
  };
}

/** Logs a broken serial source at the agent's start, before a guest needs the serial. */
async function logIdentityFault(parts: AgentParts, description: HostDescription): Promise<void> {
  const { host } = parts;
  const identity = {
    ...{ host, option: parts.serialOption, machineId: await readMachineId(parts.machineIdFile) },
    ...{ hardwareUuid: description.hardwareUuid, withoutSmbios: withoutSmbios(description) },
  };
  const fault = identityFault(identity);
  const doubt = doubtfulIdentity(identity);
  if (doubt !== undefined) parts.log('host-identity-doubtful', { host, why: doubt });
  if (fault !== undefined) parts.log('host-identity-broken', { host, why: fault });
}
