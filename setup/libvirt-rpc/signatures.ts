import { type Declaration, docText } from './declarations.ts';

/** A member of a table of codecs, with the types that callers see. */
export interface Signature {
  readonly name: string;
  readonly doc: string;
  /** Its type arguments, such as `{ domain: Domain; flags?: number }`. */
  readonly types: readonly string[];
}

/** Members of `procedures` or `domainEvents`: their codecs read as the types that they carry. */
export function signaturesIn({ text }: Declaration): readonly Signature[] {
  const members = text.matchAll(
    /^ {4}((?:\/\*\*.*?\*\/\s*)?)readonly (\w+): \w+<(.*?)>;$(?=\n(?: {4}readonly | {4}\/\*\*|\}))/gms,
  );
  return [...members].map(([, doc = '', name = '', types = '']) => ({
    name,
    doc: docText(doc.split('\n')),
    types: typeArguments(carried(types)),
  }));
}

/** A type with its codecs replaced by what they carry, on one line. */
function carried(type: string): string {
  let text = type
    .replace(/\s+/g, ' ')
    .replace(/import\("[^"]+"\)\./g, '')
    .replace(/Uint8Array<\w+>/g, 'Uint8Array')
    .replace(/; \}/g, ' }');
  for (let before = ''; before !== text; ) {
    before = text;
    text = text
      .replace(/(\w+): (?:Defaulted<([^<>]*)>|Codec<([^<>]*) \| undefined>)/g, '$1?: $2$3')
      .replace(/\b(?:Codec|Read)<([^<>]*)>/g, '$1');
  }
  return text;
}

/** Splits `{ a: X; b: Y }, Z` at the comma outside of braces. */
function typeArguments(text: string): readonly string[] {
  const parts: string[] = [''];
  let depth = 0;
  for (const character of text) {
    if (character === '{') depth++;
    if (character === '}') depth--;
    if (character === ',' && depth === 0) parts.push('');
    else parts[parts.length - 1] += character;
  }
  return parts.map((part) => part.trim());
}
