import type { HypervisorDriver } from '../../src/hypervisor/driver.ts';
import type { Failure } from '../../src/model/failure.ts';
import type { ServerId } from '../../src/model/ids.ts';
import type { PortId } from '../../src/model/network/network-ids.ts';
import type { NetworkBackend } from '../../src/network/backend.ts';

/** One call of a method that changes a guest, or what its host holds for its ports. */
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

/** A fault injector: the driver and the networks of hosts, but calls fail where it is told so. */
export interface FaultyDriver {
  wrap(driver: HypervisorDriver): HypervisorDriver;
  wrapNetworks(networks: NetworkBackend): NetworkBackend;
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
  const failing = async <T>(method: string, server: ServerId, call: () => Promise<T>): Promise<T> => {
    const fault = faultOf(method, server);
    if (fault?.when === 'before') throw fault.failure;
    const outcome = call();
    if (fault === undefined) return outcome;
    await outcome.catch(() => undefined);
    throw fault.failure;
  };
  const trap: ProxyHandler<object> = {
    get(target, method) {
      const value: unknown = Reflect.get(target, method);
      if (typeof value !== 'function') return value;
      const call = value.bind(target) as (...given: unknown[]) => Promise<unknown>;
      if (typeof method === 'symbol' || LOOKING_ONLY.includes(method)) return call;
      return (...given: unknown[]) => failing(method, serverOf(given[0]), () => call(...given));
    },
  };
  const wrapped = <T extends object>(part: T): T => new Proxy(part, trap) as T;
  return {
    wrap: (driver) => wrapped({ ...driver, moves: wrapped(driver.moves) }),
    wrapNetworks: (networks) => ({
      ...networks,
      // A port that is plugged already may be refreshed at any time, beside the operations whose calls count.
      async plug(server, port, operation) {
        const plug = () => networks.plug(server, port, operation);
        return (await holderOf(networks, port.id)) === undefined ? failing('plug', server, plug) : plug();
      },
      async unplug(port) {
        const unplug = () => networks.unplug(port);
        const server = await holderOf(networks, port);
        return server === undefined ? unplug() : failing('unplug', server, unplug);
      },
    }),
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

async function holderOf(networks: NetworkBackend, port: PortId): Promise<ServerId | undefined> {
  return (await networks.ports()).find(({ id }) => id === port)?.server;
}

function serverOf(first: unknown): ServerId {
  if (typeof first === 'string') return first as ServerId;
  const about = first as { serverId?: ServerId; server?: ServerId; plan?: { serverId: ServerId } };
  return (about.serverId ?? about.server ?? about.plan?.serverId) as ServerId;
}
