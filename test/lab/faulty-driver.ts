import type { HypervisorDriver } from '../../src/hypervisor/driver.ts';
import type { Failure } from '../../src/model/failure.ts';
import type { ServerId } from '../../src/model/ids.ts';

/** One call of a method that changes a guest. */
export interface DriverCall {
  readonly method: string;
  readonly server: ServerId;
  /** Which call on this server it is since counting began, from 1. */
  readonly number: number;
}

/** When a call fails: instead of being carried out, or after it was. */
export interface Fault {
  readonly when: 'before' | 'after';
  readonly failure: Failure;
}

/** A fault injector: the driver, but calls fail where it is told so. */
export interface FaultyDriver {
  wrap(driver: HypervisorDriver): HypervisorDriver;
  /** Counts calls from 1 again, and lets `decide` say which fail. */
  arm(decide: (call: DriverCall) => Fault | undefined): void;
  disarm(): void;
  /** Calls on a server since counting began. */
  callsOn(server: ServerId): readonly string[];
}

const LOOKING_ONLY = [
  ...[
    'kind',
    'describeHost',
    'listServerFiles',
    'observe',
    'readGuest',
    'guests',
    'watch',
    'consoleLog',
    'close',
  ],
  ...['hasDisks', 'presentBases', 'liveProgress'],
];

export function createFaultyDriver(): FaultyDriver {
  const calls = new Map<ServerId, string[]>();
  let decide: (call: DriverCall) => Fault | undefined = () => undefined;
  const faultOf = (method: string, server: ServerId) => {
    const all = calls.get(server) ?? [];
    calls.set(server, [...all, method]);
    return decide({ method, server, number: all.length + 1 });
  };
  const trap: ProxyHandler<object> = {
    get(target, method) {
      const value: unknown = Reflect.get(target, method);
      if (typeof value !== 'function') return value;
      const call = value.bind(target) as (...given: unknown[]) => Promise<unknown>;
      if (typeof method === 'symbol' || LOOKING_ONLY.includes(method)) return call;
      return async (...given: unknown[]) => {
        const fault = faultOf(method, serverOf(given[0]));
        if (fault?.when === 'before') throw fault.failure;
        const outcome = call(...given);
        if (fault === undefined) return outcome;
        await outcome.catch(() => undefined);
        throw fault.failure;
      };
    },
  };
  const wrapped = <T extends object>(part: T): T => new Proxy(part, trap) as T;
  return {
    wrap: (driver) => wrapped({ ...driver, moves: wrapped(driver.moves) }),
    arm(chosen) {
      calls.clear();
      decide = chosen;
    },
    disarm() {
      decide = () => undefined;
    },
    callsOn: (server) => calls.get(server) ?? [],
  };
}

function serverOf(first: unknown): ServerId {
  if (typeof first === 'string') return first as ServerId;
  const about = first as { serverId?: ServerId; server?: ServerId; plan?: { serverId: ServerId } };
  return (about.serverId ?? about.server ?? about.plan?.serverId) as ServerId;
}
