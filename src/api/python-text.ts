/** Deeper than this nothing is shown: a body can be nested deeper than a stack is. */
const DEEPEST = 16;

/** A JSON value as Python prints it: Nova's messages of a refused input show it so. */
export function pythonRepr(value: unknown, depth = 0): string {
  if (value === null || value === undefined) return 'None';
  if (value === true) return 'True';
  if (value === false) return 'False';
  if (typeof value === 'string') return quoted(value);
  if (typeof value !== 'object') return String(value);
  if (depth >= DEEPEST) return '…';
  if (Array.isArray(value)) return `[${value.map((item) => pythonRepr(item, depth + 1)).join(', ')}]`;
  const items = Object.entries(value).map(([key, item]) => `${quoted(key)}: ${pythonRepr(item, depth + 1)}`);
  return `{${items.join(', ')}}`;
}

/** As Python's `str()`: a text stands bare. */
export function pythonText(value: unknown): string {
  return typeof value === 'string' ? value : pythonRepr(value);
}

function quoted(text: string): string {
  const escaped = text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r');
  return text.includes("'") && !text.includes('"') ? `"${escaped}"` : `'${escaped.replaceAll("'", "\\'")}'`;
}
