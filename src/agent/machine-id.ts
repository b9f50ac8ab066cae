import { readFile } from 'node:fs/promises';
import type { MachineIdReading } from '../model/host.ts';

/** Reads the host's machine-id file. `serial/host-identity.ts` validates its content. */
export async function readMachineId(file: string): Promise<MachineIdReading> {
  try {
    return { state: 'read', file, text: (await readFile(file, 'utf8')).slice(0, 4096) };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { state: 'absent', file };
    return { state: 'unreadable', file, why: (error as Error).message };
  }
}
