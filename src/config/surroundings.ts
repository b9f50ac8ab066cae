import { homedir, hostname, networkInterfaces } from 'node:os';

/** What some defaults depend on. Given as a value, so that loading is the same everywhere it is tried. */
export interface Surroundings {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly hostname: string;
  readonly homeDirectory: string;
  readonly isRoot: boolean;
  /** An address of this machine that others may reach, or 127.0.0.1. */
  readonly ownAddress: string;
  /** Its `*.conf` are read when no file or folder is named. */
  readonly defaultConfigDirectory: string;
}

/** The surroundings of the running process. */
export function surroundingsOfThisProcess(): Surroundings {
  return {
    environment: process.env,
    hostname: hostname(),
    homeDirectory: homedir(),
    isRoot: process.getuid?.() === 0,
    ownAddress: ownAddress(),
    defaultConfigDirectory: '/etc/nameplate',
  };
}

function ownAddress(): string {
  const addresses = Object.values(networkInterfaces()).flatMap((found) => found ?? []);
  return addresses.find((found) => found.family === 'IPv4' && !found.internal)?.address ?? '127.0.0.1';
}
