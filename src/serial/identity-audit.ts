import type { IdentityValues } from '../model/guest-reading.ts';
import type { ServerId } from '../model/ids.ts';
import { readInstead, recordedValues } from '../model/recorded-values.ts';
import type { KnownIdentity } from './next-definition.ts';

/** The values of which no two guests may have the same. */
export type UniqueValue = 'uuid' | 'serial' | 'mac_address' | 'disk_serial';

/** Servers whose guests read the same value. */
export interface SharedValue {
  readonly value: UniqueValue;
  readonly text: string;
  /** In the order in which they were given; one that has the value twice is there twice. */
  readonly servers: readonly ServerId[];
}

/** All values that a guest reads, by name, as far as it is known; its IP addresses are not among them. */
export function valuesRead({ server, ports, current }: KnownIdentity): IdentityValues {
  const recorded = recordedValues(server, ports);
  return {
    ...recorded,
    ...readInstead(server, recorded),
    ...(current !== null && { serial: current.serial }),
  };
}

/** Collects the unique values of many servers, to find those that several of them read. */
export class SharedValues {
  readonly #holders = new Map<string, { value: UniqueValue; text: string; servers: ServerId[] }>();

  add(known: KnownIdentity): void {
    for (const [name, text] of Object.entries(valuesRead(known))) {
      const value = uniqueValueOf(name);
      if (value === undefined || text === null) continue;
      const key = `${value} ${text.toLowerCase()}`;
      const held = this.#holders.get(key);
      if (held === undefined) this.#holders.set(key, { value, text, servers: [known.server.id] });
      else held.servers.push(known.server.id);
    }
  }

  shared(): SharedValue[] {
    return [...this.#holders.values()].filter(({ servers }) => servers.length > 1);
  }
}

function uniqueValueOf(name: string): UniqueValue | undefined {
  if (name === 'uuid' || name === 'serial') return name;
  if (name.endsWith('.mac_address')) return 'mac_address';
  return /^disk\.[a-z]+\.serial$/.test(name) ? 'disk_serial' : undefined;
}
