import assert from 'node:assert/strict';
import { posix } from 'node:path';
import { describe, it } from 'node:test';
import { type ImportStatement, importStatements } from './import-statements.ts';
import {
  DIALECT_LIBRARIES,
  JOINING_ROOMS,
  ROOM_RULES,
  roomOf,
  TYPE_PACKAGES,
  TYPES_FOR_ALL,
} from './rooms.ts';
import { repositoryFiles, textOf } from './source-files.ts';

/** They speak no SQL of the store: they lock a file, and copy one. */
const FILE_TOOLS: readonly string[] = [
  'src/store/sqlite/sqlite-lock.ts',
  'src/store/sqlite/sqlite-backup.ts',
];

const files = repositoryFiles().filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'));
const imports = new Map(files.map((path) => [path, importStatements(textOf(path) ?? '')]));
const placed = files.filter((path) => roomOf(path) !== undefined);

/** The file that a relative import names, below the repository's root. */
function target(from: string, specifier: string): string | undefined {
  return specifier.startsWith('.') ? posix.join(posix.dirname(from), specifier) : undefined;
}

function packageName(specifier: string): string {
  const parts = specifier.split('/');
  return parts.slice(0, specifier.startsWith('@') ? 2 : 1).join('/');
}

/** Why the table forbids the import, as a sentence; undefined when it allows it. */
function objection(path: string, { specifier, typesOnly }: ImportStatement): string | undefined {
  const room = roomOf(path)!;
  const imported = target(path, specifier);
  const importedRoom = imported === undefined ? undefined : (roomOf(imported) ?? imported);
  if (importedRoom === 'main' && !JOINING_ROOMS.includes(room)) return 'only cli may import main.ts';
  if (JOINING_ROOMS.includes(room)) return undefined;
  const rule = ROOM_RULES[room];
  if (rule === undefined) return `the room "${room}" is not in the table`;
  if (importedRoom !== undefined) {
    if (importedRoom === room || rule.rooms.includes(importedRoom)) return undefined;
    const asTypes = rule.types?.includes(importedRoom) || TYPES_FOR_ALL.includes(importedRoom);
    if (asTypes) return typesOnly ? undefined : `${room} may import ${importedRoom} as types only`;
    return `${room} may not import ${importedRoom}`;
  }
  if (specifier.startsWith('node:')) return rule.pure ? `${room} is pure` : undefined;
  const name = packageName(specifier);
  if (TYPE_PACKAGES.includes(name)) return typesOnly ? undefined : `the code of ${name} is loaded nowhere`;
  if (rule.packages?.includes(name) || DIALECT_LIBRARIES[name] === room) return undefined;
  return `${room} may not use the package ${name}`;
}

describe('who imports whom', () => {
  it('is as the table says', () => {
    const objections = placed.flatMap((path) =>
      imports.get(path)!.flatMap((statement) => {
        const reason = objection(path, statement);
        return reason === undefined ? [] : [`${path} imports ${statement.specifier}: ${reason}`];
      }),
    );
    assert.deepEqual(objections, []);
  });

  it('has arrows that go one way: the table lists a room after all that it may import', () => {
    const rooms = Object.keys(ROOM_RULES);
    const backward = rooms.flatMap((room, at) => {
      const { rooms: values, types = [] } = ROOM_RULES[room]!;
      return [...values, ...types]
        .filter((other) => rooms.indexOf(other) >= at)
        .map((other) => `${room} -> ${other}`);
    });
    assert.deepEqual(backward, []);
  });

  it('allows no import that no file makes', () => {
    const made = new Set(
      placed.flatMap((path) =>
        imports.get(path)!.map(({ specifier }) => {
          const imported = target(path, specifier);
          return `${roomOf(path)} -> ${imported === undefined ? packageName(specifier) : roomOf(imported)}`;
        }),
      ),
    );
    const unused = Object.entries(ROOM_RULES).flatMap(([room, { rooms, types = [], packages = [] }]) =>
      [...rooms, ...types, ...packages]
        .map((other) => `${room} -> ${other}`)
        .filter((arrow) => !made.has(arrow)),
    );
    assert.deepEqual(unused, []);
  });

  it('has no cycle', () => {
    assert.deepEqual(cycles(), []);
  });

  it('knows each database and broker library in one file only', () => {
    for (const [library, room] of Object.entries(DIALECT_LIBRARIES)) {
      const users = placed.filter(
        (path) =>
          !FILE_TOOLS.includes(path) &&
          imports
            .get(path)!
            .some(({ specifier }) => specifier === library || packageName(specifier) === library),
      );
      assert.ok(users.length <= 1, `${library} is imported by ${users.join(', ')}`);
      for (const path of users) assert.equal(roomOf(path), room);
    }
  });

  it('leaves libvirt-rpc alone in the world', () => {
    const strangers = files
      .filter((path) => path.startsWith('packages/libvirt-rpc/src/'))
      .flatMap((path) => imports.get(path)!.map(({ specifier }) => [path, specifier] as const))
      .filter(([path, specifier]) => {
        const inside = target(path, specifier)?.startsWith('packages/libvirt-rpc/');
        return !inside && !specifier.startsWith('node:');
      });
    assert.deepEqual(strangers, []);
  });
});

/** Import cycles, each as its files in order; types count, since a reader follows them too. */
function cycles(): string[] {
  const done = new Set<string>();
  const trail: string[] = [];
  const found: string[] = [];

  function visit(path: string): void {
    const start = trail.indexOf(path);
    if (start >= 0) found.push([...trail.slice(start), path].join(' -> '));
    if (start >= 0 || done.has(path)) return;
    trail.push(path);
    for (const { specifier } of imports.get(path) ?? []) {
      const next = target(path, specifier);
      if (next !== undefined) visit(next);
    }
    trail.pop();
    done.add(path);
  }

  for (const path of files) if (!path.startsWith('test/')) visit(path);
  return found;
}

describe('the reading of import statements', () => {
  const cases: [source: string, expected: ImportStatement[]][] = [
    ["import { a } from './a.ts';", [{ specifier: './a.ts', typesOnly: false }]],
    ["import type { A } from './a.ts';", [{ specifier: './a.ts', typesOnly: true }]],
    ["import { type A, type B } from './a.ts';", [{ specifier: './a.ts', typesOnly: true }]],
    ["import {\n  type A,\n  b,\n} from './a.ts';", [{ specifier: './a.ts', typesOnly: false }]],
    ["import a, * as b from 'a';", [{ specifier: 'a', typesOnly: false }]],
    ["import './a.ts';", [{ specifier: './a.ts', typesOnly: false }]],
    ["export * from './a.ts';", [{ specifier: './a.ts', typesOnly: false }]],
    ["export type { A } from './a.ts';", [{ specifier: './a.ts', typesOnly: true }]],
    ["const a = await import('./a.ts');", [{ specifier: './a.ts', typesOnly: false }]],
    ["// import { a } from './a.ts';\n/* import './b.ts' */", []],
    ["const from = 'x';\nexport const a = 'b';\nexport { from };", []],
  ];
  for (const [source, expected] of cases) {
    it(JSON.stringify(source), () => assert.deepEqual(importStatements(source), expected));
  }
});
