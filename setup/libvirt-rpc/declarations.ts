import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A top-level declaration of a `.d.ts` file. */
export interface Declaration {
  readonly name: string;
  readonly kind: 'const' | 'function' | 'class' | 'interface' | 'type';
  readonly exported: boolean;
  /** Its docblock without the comment's own characters; empty when it has none. */
  readonly doc: string;
  /** Its text without `export` and `declare`. */
  readonly text: string;
}

/** Declarations of one file that the compiler wrote: they begin in the first column and end there too. */
export function declarationsIn(path: string): readonly Declaration[] {
  const declarations: Declaration[] = [];
  let doc: string[] = [];
  let body: string[] = [];
  let inDoc = false;
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    if (inDoc || (body.length === 0 && line.startsWith('/**'))) {
      if (!inDoc) doc = [];
      doc.push(line);
      inDoc = !line.endsWith('*/');
      continue;
    }
    if (body.length === 0 && line === '') continue;
    body.push(line);
    const inFirstColumn = body.length === 1 || line.startsWith('}');
    if (!inFirstColumn || !/[;}]$/.test(line)) continue;
    const declaration = declarationOf(body.join('\n'), docText(doc));
    if (declaration !== undefined) declarations.push(declaration);
    [doc, body] = [[], []];
  }
  return declarations;
}

/**
 * What a package exports by its index, in the order of its index.
 *
 * @throws Error when an export has no declaration, or one without a docblock.
 */
export function exportedDeclarations(folder: string): readonly Declaration[] {
  const index = readFileSync(join(folder, 'index.d.ts'), 'utf8');
  const exports = index.matchAll(/^export (?:type )?(?:\*|\{([^}]*)\}) from '\.\/(.+)\.js';$/gm);
  return [...exports].flatMap(([, names, module]) => {
    const declarations = declarationsIn(join(folder, `${module}.d.ts`)).filter(({ exported }) => exported);
    const wanted = names
      ?.split(',')
      .map((name) => name.trim())
      .filter(Boolean);
    return (wanted ?? declarations.map(({ name }) => name)).map((name) => {
      const declaration = declarations.find((candidate) => candidate.name === name);
      if (declaration === undefined) throw new Error(`${module}.ts has no declaration of ${name}`);
      if (declaration.doc === '') throw new Error(`${module}.ts: the export ${name} has no docblock`);
      return declaration;
    });
  });
}

/** The text of a docblock. */
export function docText(lines: readonly string[]): string {
  return lines
    .map((line) =>
      line
        .trim()
        .replace(/^\/\*\*\s?/, '')
        .replace(/\s*\*\/$/, '')
        .replace(/^\*\s?/, ''),
    )
    .join('\n')
    .trim();
}

function declarationOf(statement: string, doc: string): Declaration | undefined {
  const text = statement.replace(/^export /, '').replace(/^declare /, '');
  const [, kind, name] = /^(const|function|class|interface|type) (\w+)/.exec(text) ?? [];
  if (kind === undefined || name === undefined) return undefined;
  return { name, kind: kind as Declaration['kind'], exported: statement.startsWith('export '), doc, text };
}
