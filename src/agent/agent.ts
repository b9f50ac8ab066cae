import { setTimeout as delay } from 'node:timers/promises';
import type { AgentNews, Command, HostReport, Verb } from '../model/command.ts';
import { asFailure, Failure } from '../model/failure.ts';
import type { HostDescription } from '../model/host.ts';
import type { ServerId } from '../model/ids.ts';
import { doubtfulIdentity } from '../serial/doubtful-identity.ts';
import { identityFault, withoutSmbios } from '../serial/host-identity.ts';
import { carryOut } from './carry-out.ts';
import { DiskServer } from './data-link/disk-server.ts';
import { createTurns } from './in-turn.ts';
import { readMachineId } from './machine-id.ts';
import type { AgentParts } from './parts.ts';
import { TellAllAgain } from './tell-all-again.ts';
import { readUptime } from './uptime.ts';

/** What looks only, or is about a live migration that is under way, does not wait for the guest's turn. */
const AT_ONCE: readonly Verb[] = ['observe', 'console-log', 'live-progress', 'abort-live', 'force-live'];
/** How often, and after how many milliseconds each time, news that cannot be told are told again. */
const TELL_TRIES = 600;
const TELL_AGAIN_MS = 1_000;
/** Of how many servers one news tells what is held: the bus has a limit to what it carries. */
const HELD_AT_A_TIME = 500;
/** How long a server's disks may be fetched after they were offered, in milliseconds. */
const OFFER_MS = 5 * 60_000;

/**
 * Starts the agent of one compute host: it reports the host, answers commands, and tells of guests whose power changes.
 * A hypervisor that does not answer yet is waited for: the host is first reported when it does. The returned function ends the agent; guests go on.
 */
export async function startAgent(parts: AgentParts): Promise<() => Promise<void>> {
  const { bus, driver, host } = parts;
  const startedAt = parts.now();
  const ending = new AbortController();
  const again = new TellAllAgain(parts.now);
  let tellingAgain = Promise.resolve();
  const telling: Telling = { ...parts, onLost: () => again.unheard() };
  let description: HostDescription | undefined;
  const report = async () => {
    try {
      const first = description === undefined;
      description = await driver.describeHost();
      if (first) await sayIdentityFault(parts, description);
      await bus.tell({ news: 'host', report: await reportOf(parts, description, startedAt) });
      if (again.heard()) tellingAgain = tellingAgain.then(() => tellOfAll(telling, ending.signal));
    } catch (error) {
      again.unheard();
      parts.log('warn', 'the host cannot be reported', { host, why: asFailure(error).operatorText });
    }
  };
  const inTurn = createTurns();
  const diskServer = new DiskServer({
    ...{ moves: driver.moves, address: parts.hostIp, port: parts.diskPort, log: parts.log },
    offerMs: OFFER_MS,
  });
  const stopServing = await bus.serve(host, async (command, signal) => {
    description ??= await driver.describeHost();
    const work = async () => {
      if (signal.aborted) throw new Failure('timed-out', 'The compute host did not come to it in time.');
      return carryOut({ ...parts, diskServer }, description as HostDescription, { command, signal });
    };
    return AT_ONCE.includes(command.verb) ? work() : inTurn(subjectOf(command), work);
  });
  await report();

  const heartbeat = setInterval(report, parts.reportIntervalMs);
  const watching = Promise.all([tellOfGuests(telling, ending.signal), tellOfHeld(telling, ending.signal)]);

  return async () => {
    clearInterval(heartbeat);
    ending.abort();
    await stopServing();
    await diskServer.close();
    await watching;
    await tellingAgain;
  };
}

/** What the command is about: its server, or an image. */
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
    features: [...(description.givesSerial ? ['unique-serial'] : []), 'move-disks', 'live-migration'],
    version: parts.version,
    uptime: readUptime(parts.now()),
  };
}

/** A broken serial source is said when the agent starts, not first by a guest that needs it. */
async function sayIdentityFault(parts: AgentParts, description: HostDescription): Promise<void> {
  const { host } = parts;
  const identity = {
    ...{ host, option: parts.serialOption, machineId: await readMachineId(parts.machineIdFile) },
    ...{ hardwareUuid: description.hardwareUuid, withoutSmbios: withoutSmbios(description) },
  };
  const fault = identityFault(identity);
  const doubt = doubtfulIdentity(identity);
  if (doubt !== undefined) parts.log('warn', doubt, { host });
  if (fault !== undefined)
    parts.log('error', `${fault}. Guests that need the host's serial are refused until it is mended.`, {
      host,
    });
}

/** What telling events needs. `onLost`: one may never be taken in, as a control plane that is flooded drops some. */
type Telling = AgentParts & { onLost(): void };

/** The driver first tells how each guest is: one that is off then may have ended with the host. */
async function tellOfGuests(parts: Telling, signal: AbortSignal): Promise<void> {
  const { host, resumesGuests = false } = parts;
  const seen = new Set<ServerId>();
  for await (const guest of parts.driver.watch(signal)) {
    const isFirst = resumesGuests && !seen.has(guest.serverId);
    if (isFirst) seen.add(guest.serverId);
    const isOff = guest.power !== 'running' && guest.power !== 'paused';
    const atStart = isFirst && isOff ? { atStart: true as const } : {};
    await tellInTheEnd(parts, { news: 'guest', host, guest, ...atStart }, signal);
  }
}

async function tellOfAll(parts: Telling, signal: AbortSignal): Promise<void> {
  const { host, driver, log } = parts;
  try {
    for (const guest of await driver.guests())
      if (!signal.aborted) await tellInTheEnd(parts, { news: 'guest', host, guest }, signal);
  } catch (error) {
    log('warn', 'guests cannot be told of again', { host, why: asFailure(error).operatorText });
  }
}

/** Disks whose guest is gone are in no guest's news: what was to be deleted when the host went away is found once, when its agent starts. */
async function tellOfHeld(parts: Telling, signal: AbortSignal): Promise<void> {
  const { host, driver, log } = parts;
  try {
    const all = await driver.held();
    for (let at = 0; at < all.length && !signal.aborted; at += HELD_AT_A_TIME)
      await tellInTheEnd(parts, { news: 'held', host, held: all.slice(at, at + HELD_AT_A_TIME) }, signal);
  } catch (error) {
    log('warn', 'what the host holds of servers cannot be read', {
      host,
      why: asFailure(error).operatorText,
    });
  }
}

/** News that nobody can be told now wait: nobody would look at a guest that powered off while the bus was away. */
async function tellInTheEnd(parts: Telling, news: AgentNews, signal: AbortSignal): Promise<void> {
  for (let tried = 1; ; tried++) {
    try {
      return await unlessAborted(parts.bus.tell(news), signal);
    } catch (error) {
      const failure = asFailure(error);
      const again = mayBeTold(failure, news) && tried < TELL_TRIES && !signal.aborted;
      if (!again || tried === 1)
        parts.log('warn', `news ${again ? 'wait' : 'were not taken in'}`, {
          ...(news.news === 'guest' ? { server: news.guest.serverId } : { about: news.news }),
          why: failure.operatorText,
        });
      if (!again && failure.kind === 'outcome-unknown') parts.onLost();
      if (!again) return;
      await delay(TELL_AGAIN_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}

/** What a guest was found like when the agent started is told by no later event: it is told until it has been taken in. */
function mayBeTold({ kind }: Failure, news: AgentNews): boolean {
  return (
    kind === 'unavailable' || (kind === 'outcome-unknown' && news.news === 'guest' && news.atStart === true)
  );
}

/** Waits for it, but no longer than until the signal is aborted. */
async function unlessAborted(doing: Promise<void>, signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const giveUp = () => resolve();
  signal.addEventListener('abort', giveUp, { once: true });
  if (signal.aborted) resolve();
  doing.then(resolve, reject);
  try {
    await promise;
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
}
