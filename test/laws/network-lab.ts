import type { NetworkBackend } from '../../src/network/backend.ts';

/** A network backend on a host of its own, with ways to look at what it did that do not go through it. */
export interface NetworkLab {
  backend(): NetworkBackend;
  /** Closes the backend and opens one on the same host: as a restart of the service. */
  reopen(): Promise<void>;
  /** A physical network of the host. */
  readonly physicalNetwork: string;
  /** Names of all that the host has of ports: networks, filters, records. */
  leftovers(): Promise<string[]>;
  close(): Promise<void>;
}
