import { homedir, hostname, networkInterfaces } from 'node:os';

/** The inputs of computed defaults. They are a parameter, so that loading does not depend on the machine. */
export interface Surroundings {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly hostname: string;
  readonly homeDirectory: string;
  readonly isRoot: boolean;
  /** An address of this machine for other machines, or 127.0.0.1. */
  readonly ownAddress: string;
  /** The folder whose `*.conf` are read by default. */
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
