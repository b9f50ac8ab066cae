/** One module that a source file names. */
export interface ImportStatement {
  readonly specifier: string;
  /** Only types are taken: nothing is left of it when the program runs. */
  readonly typesOnly: boolean;
}

const COMMENT_OR_TEXT = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|`(?:\\[\s\S]|[^\\`])*`/g;
const STATEMENT = /^(?:import|export)\s+(type\s+)?(?:([^;'"`=()]*?)\s*from\s*)?['"]([^'"]+)['"]/gm;
const EXPRESSION = /\bimport\(\s*['"]([^'"]+)['"]/g;

/** What a TypeScript source file imports or re-exports, in statements and in `import()` expressions. */
export function importStatements(source: string): ImportStatement[] {
  const code = source.replace(COMMENT_OR_TEXT, '');
  const statements = [...code.matchAll(STATEMENT)].map(([, type, names, specifier]) => ({
    specifier: specifier!,
    typesOnly: type !== undefined || allNamesAreTypes(names),
  }));
  const expressions = [...code.matchAll(EXPRESSION)].map(([, specifier]) => ({
    specifier: specifier!,
    typesOnly: false,
  }));
  return [...statements, ...expressions];
}

function allNamesAreTypes(names: string | undefined): boolean {
  const listed = /^\{([\s\S]*)\}$/.exec(names ?? '')?.[1];
  if (listed === undefined) return false;
  const each = listed.split(',').map((name) => name.trim());
  return each.every((name) => name === '' || name.startsWith('type '));
}
