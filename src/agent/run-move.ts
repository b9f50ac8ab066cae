import type { Command, Verb } from '../model/command.ts';
import type { DiskServer } from './data-link/disk-server.ts';
import { fetchDisks } from './data-link/fetch-disks.ts';
import type { AgentParts } from './parts.ts';
import { plugPorts } from './run-port.ts';

const MOVE_VERBS = [
  ...(['offer-disks', 'fetch-disks', 'mark-disks', 'sees-mark', 'remove-mark'] as const),
  ...(['prepare-live', 'migrate-live', 'live-progress', 'abort-live', 'force-live'] as const),
] as const satisfies readonly Verb[];
type MoveCommand = Command<(typeof MOVE_VERBS)[number]>;

/** The parts for commands that move guests. */
export interface MoveParts extends Pick<AgentParts, 'driver' | 'network'> {
  readonly diskServer: DiskServer;
}

/** Whether a command moves a guest to another host, or is about such a move. */
export function isMoveCommand(command: Command): command is MoveCommand {
  return MOVE_VERBS.some((verb) => verb === command.verb);
}

/** Carries out a move command. The data link transfers the disks; the driver does everything else. */
export async function runMove(parts: MoveParts, command: MoveCommand, signal: AbortSignal): Promise<unknown> {
  const { diskServer } = parts;
  const { moves } = parts.driver;
  switch (command.verb) {
    case 'offer-disks':
      return diskServer.offer(command);
    case 'fetch-disks':
      return fetchDisks(moves, command, signal);
    case 'mark-disks':
      return moves.markDisks(command.server, command.mark);
    case 'sees-mark':
      return moves.seesMark(command.server, command.mark);
    case 'remove-mark':
      return moves.removeMark(command.server, command.mark);
    case 'prepare-live':
      await plugPorts(parts, command.plan);
      return moves.prepareLive(command.plan, command.disks, signal);
    case 'migrate-live':
      return moves.migrateLive(command, signal);
    case 'live-progress':
      return moves.liveProgress(command.server);
    case 'abort-live':
      return moves.abortLive(command.server);
    case 'force-live':
      return moves.forceLive(command.server);
  }
}
