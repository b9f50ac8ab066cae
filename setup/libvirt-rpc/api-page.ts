import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { domainEvents } from '../../packages/libvirt-rpc/src/domain-events.ts';
import { procedures } from '../../packages/libvirt-rpc/src/procedures.ts';
import { compileLibvirtRpc } from './compile.ts';
import { type Declaration, declarationsIn, docText, exportedDeclarations } from './declarations.ts';
import { type Signature, signaturesIn } from './signatures.ts';

const SECTIONS: readonly (readonly [title: string, holds: (declaration: Declaration) => boolean])[] = [
  ['Functions', ({ kind }) => kind === 'function'],
  ['Classes', ({ kind, text }) => kind === 'class' && !isError(text)],
  ['Errors', ({ kind, text }) => kind === 'class' && isError(text)],
  ['Types', ({ kind }) => kind === 'interface' || kind === 'type'],
  ['Constants', ({ kind }) => kind === 'const'],
];

/** The API page of libvirt-rpc, from its compiled declarations and their docblocks. */
export async function renderApiPage(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'libvirt-rpc-'));
  try {
    await compileLibvirtRpc(folder);
    return renderPage(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

function renderPage(folder: string): string {
  const exported = exportedDeclarations(folder);
  const names = new Set(exported.map(({ name }) => name));
  const sections = SECTIONS.flatMap(([title, holds]) => [
    `## ${title}`,
    ...exported.filter(holds).map((declaration) => renderDeclaration(declaration, names)),
  ]);
  const page = [
    '# API of libvirt-rpc',
    '<!-- Written by `npm run docs` from the declarations and their docblocks. -->',
    'The [README](README.md) explains how the parts work together.',
    ...sections,
    renderProcedures(folder),
    renderEvents(folder),
  ];
  return `${page.join('\n\n')}\n`;
}

function renderDeclaration({ name, doc, text }: Declaration, names: ReadonlySet<string>): string {
  const [prose = '', ...examples] = doc.split(/^@example\n/m);
  const members = memberExamples(text.replace(/^ *#private;\n/m, ''));
  const parts = [
    `### ${name}`,
    linked(prose, names)
      .replace(/^@throws /gm, 'Throws ')
      .replace(/^@param (\w+) /gm, '- `$1`: ')
      .trim(),
    `\`\`\`ts\n${members.text.replace(/\{@link (\w+)\}/g, '`$1`')}\n\`\`\``,
    ...examples.map((example) => `Example:\n\n${example.trim()}`),
    ...members.examples,
  ];
  return parts.join('\n\n');
}

/** Moves examples of members from their docblocks to behind the declaration. */
function memberExamples(text: string): { readonly text: string; readonly examples: readonly string[] } {
  const examples: string[] = [];
  const without = text.replace(
    /\n {5}\*\n {5}\* @example\n((?: {5}\*.*\n)*?) {5}\*\/\n {4}(\w+)/g,
    (_, lines: string, member: string) => {
      examples.push(`Example of \`${member}\`:\n\n${docText(lines.split('\n'))}`);
      return `\n     */\n    ${member}`;
    },
  );
  return { text: without, examples };
}

function renderProcedures(folder: string): string {
  const own = ownProcedures(folder);
  const rows = membersOf(folder, 'procedures')
    .filter(({ name }) => !own.has(name))
    .map(({ name, doc, types: [args = '', result = ''] }) => {
      const { patient } = procedures[name as keyof typeof procedures];
      const notes = [doc, ...(patient ? ['No time limit by default.'] : [])].filter((note) => note !== '');
      return row([code(name), args === '{}' ? '' : code(args), code(result), notes.join(' ')]);
    });
  return [
    '## Procedures',
    'Each is a method of [`Libvirt`](#libvirt) and a name for its `call`. Fields with `?` may be left out.',
    [row(['method', 'arguments', 'result', 'notes']), '| --- | --- | --- | --- |', ...rows].join('\n'),
  ].join('\n\n');
}

function renderEvents(folder: string): string {
  const rows = membersOf(folder, 'domainEvents').map(({ name, doc, types: [fields = ''] }) =>
    row([code(name), code(fields), doc.replace(/\{@link (\w+)\}/g, '`$1`')]),
  );
  return [
    '## Events',
    'Names for `events(name)` of [`LibvirtClient`](#libvirtclient), and the fields of each event.',
    [row(['name', 'event', 'notes']), '| --- | --- | --- |', ...rows].join('\n'),
  ].join('\n\n');
}

/** Signatures of all entries of a table. @throws Error when the declarations lack one. */
function membersOf(folder: string, table: 'procedures' | 'domainEvents'): readonly Signature[] {
  const [module, entries] =
    table === 'procedures' ? ['procedures', procedures] : ['domain-events', domainEvents];
  const declared = declarationsIn(join(folder, `${module}.d.ts`)).find(({ name }) => name === table);
  const signatures = declared === undefined ? [] : signaturesIn(declared);
  return Object.keys(entries).map((entry) => {
    const signature = signatures.find(({ name }) => name === entry);
    if (signature === undefined) throw new Error(`${module}.d.ts has no declaration of ${entry}`);
    return signature;
  });
}

/** Procedures that the client calls itself: they are no methods. */
function ownProcedures(folder: string): ReadonlySet<string> {
  const declared = declarationsIn(join(folder, 'client.d.ts')).find(
    ({ name }) => name === 'SessionProcedure',
  )!;
  return new Set([...declared.text.matchAll(/'(\w+)'/g)].map(([, name = '']) => name));
}

function linked(text: string, names: ReadonlySet<string>): string {
  return text.replace(/\{@link (\w+)\}/g, (_, name: string) =>
    names.has(name) ? `[\`${name}\`](#${name.toLowerCase()})` : `\`${name}\``,
  );
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replace(/\n/g, ' ').replaceAll('|', '\\|')).join(' | ')} |`;
}

function code(text: string): string {
  return `\`${text}\``;
}

function isError(text: string): boolean {
  return text.includes(' extends Error ');
}
