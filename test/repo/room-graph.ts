import { posix } from 'node:path';
import { importStatements } from './import-statements.ts';
import { roomOf } from './rooms.ts';
import { repositoryFiles, textOf } from './source-files.ts';

/** One room imports another. */
export interface Arrow {
  readonly from: string;
  readonly to: string;
  /** Only types are imported: nothing of it is left when the program runs. */
  readonly typesOnly: boolean;
}

const LIBVIRT_RPC = 'libvirt-rpc';

/** Which room imports which, as the source files of the repository have it; sorted. */
export function roomArrows(): Arrow[] {
  const arrows = new Map<string, Arrow>();
  for (const path of repositoryFiles()) {
    const from = roomOf(path);
    if (from === undefined) continue;
    for (const { specifier, typesOnly } of importStatements(textOf(path) ?? '')) {
      const to = specifier.startsWith('.')
        ? roomOf(posix.join(posix.dirname(path), specifier))
        : specifier.startsWith(LIBVIRT_RPC)
          ? LIBVIRT_RPC
          : undefined;
      if (to === undefined || to === from) continue;
      const key = `${from} ${to}`;
      arrows.set(key, { from, to, typesOnly: typesOnly && (arrows.get(key)?.typesOnly ?? true) });
    }
  }
  return [...arrows.values()].toSorted((a, b) => (a.from + a.to < b.from + b.to ? -1 : 1));
}

/** The arrows without those that a longer way already shows. */
export function withoutShortcuts(arrows: readonly Arrow[]): Arrow[] {
  return arrows.filter(({ from, to }) =>
    arrows.every((first) => first.from !== from || first.to === to || !reaches(arrows, first.to, to)),
  );
}

/**
 * The rooms by floor: a room stands one floor above the highest that it imports.
 * @throws {Error} when arrows lead round in a circle
 */
export function floorsOf(arrows: readonly Arrow[]): string[][] {
  const floors = new Map<string, number>();
  const floorOf = (room: string, trail: readonly string[] = []): number => {
    if (trail.includes(room)) throw new Error(`rooms in a circle: ${[...trail, room].join(' -> ')}`);
    const known = floors.get(room);
    if (known !== undefined) return known;
    const below = arrows.filter(({ from }) => from === room).map(({ to }) => floorOf(to, [...trail, room]));
    const floor = Math.max(-1, ...below) + 1;
    floors.set(room, floor);
    return floor;
  };
  for (const { from, to } of arrows) for (const room of [from, to]) floorOf(room);
  const rooms = [...floors.keys()].toSorted();
  return Array.from({ length: Math.max(...floors.values()) + 1 }, (_, floor) =>
    rooms.filter((room) => floors.get(room) === floor),
  );
}

function reaches(arrows: readonly Arrow[], from: string, to: string, seen = new Set<string>()): boolean {
  if (from === to) return true;
  if (seen.has(from)) return false;
  seen.add(from);
  return arrows.some((arrow) => arrow.from === from && reaches(arrows, arrow.to, to, seen));
}
