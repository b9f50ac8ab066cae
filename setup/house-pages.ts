import { ROOM_CONTENTS } from '../test/repo/room-contents.ts';
import { type Arrow, floorsOf, roomArrows, withoutShortcuts } from '../test/repo/room-graph.ts';
import {
  JOINING_ROOMS,
  ROOM_RULES,
  type RoomRule,
  TYPE_PACKAGES,
  TYPES_FOR_ALL,
} from '../test/repo/rooms.ts';

/** The table of who may import whom, from the rules that `test/repo/imports.test.ts` enforces. */
export function renderRoomTable(): string {
  const rows = Object.entries(ROOM_RULES).map(
    ([room, rule]) => `| ${pathOf(room)} | ${contentsOf(room)} | ${mayImport(rule)} |`,
  );
  const joining = JOINING_ROOMS.map((room) => `| ${pathOf(room)} | ${contentsOf(room)} | anything |`);
  const rooms = TYPES_FOR_ALL.map((room) => `\`src/${room}\``);
  const packages = TYPE_PACKAGES.map((name) => `of the package \`${name}\``);
  const shared = `Every room may import the types of ${[...rooms, ...packages].join(', and ')}.`;
  return [
    '| room | what lives there | may import |',
    '|---|---|---|',
    ...rows,
    ...joining,
    '',
    shared,
    '',
  ].join('\n');
}

/** A drawing in Mermaid of which room imports which, and the rooms by floor. */
export function renderDrawing(): string {
  const arrows = roomArrows();
  const floors = floorsOf(arrows);
  const listed = floors.map(
    (rooms, floor) => `| ${floor} | ${rooms.map((room) => `\`${room}\``).join(', ')} |`,
  );
  return [
    '```mermaid',
    'flowchart TD',
    ...nodesOf(floors.flat().toReversed()),
    ...withoutShortcuts(arrows).map(lineOf),
    '```',
    '',
    '| floor | rooms |',
    '|---|---|',
    ...listed.toReversed(),
    '',
  ].join('\n');
}

function mayImport({ rooms, types = [], packages = [], pure }: RoomRule): string {
  const parts = [
    ...(rooms.length > 0 ? [rooms.join(', ')] : []),
    ...(types.length > 0 ? [`types of ${types.join(', ')}`] : []),
    ...(packages.length > 0 ? [`packages ${packages.map((name) => `\`${name}\``).join(', ')}`] : []),
    ...(pure ? ['no `node:` module'] : []),
  ];
  return parts.length === 0 ? 'no room' : parts.join('; ');
}

function contentsOf(room: string): string {
  const contents = ROOM_CONTENTS[room];
  if (contents === undefined) throw new Error(`test/repo/room-contents.ts lacks the room ${room}`);
  return contents;
}

function pathOf(room: string): string {
  if (room === 'main') return '`src/main.ts`, `src/main`';
  return room === 'demo-image' ? '`demo-image`' : `\`src/${room}\``;
}

/** Rooms below one folder stand in one frame. */
function nodesOf(rooms: readonly string[]): string[] {
  const groups = Map.groupBy(rooms, (room) => room.split('/')[0]!);
  return [...groups].flatMap(([folder, inside]) =>
    inside.length === 1
      ? inside.map((room) => `  ${idOf(room)}["${room}"]`)
      : [
          `  subgraph ${folder}_["${folder}"]`,
          ...inside.map((room) => `    ${idOf(room)}["${room}"]`),
          '  end',
        ],
  );
}

function lineOf({ from, to, typesOnly }: Arrow): string {
  return `  ${idOf(from)} ${typesOnly ? '-.->' : '-->'} ${idOf(to)}`;
}

function idOf(room: string): string {
  return room.replaceAll(/\W/g, '_');
}
