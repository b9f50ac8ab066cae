/** Maximum depth of a shown value. The body of a request may be nested deeper than the call stack allows. */
const MAX_DEPTH = 16;

/** Characters of a value in a message. Nova shows values of any length. */
export const MAX_SHOWN = 1024;

/**
 * A JSON value as Python prints it, because Nova's error texts show refused values so. At most {@link
 * MAX_SHOWN} characters and `…`; the function stops there, however large the value is. Of other values, such
 * as a stream or a buffer, it shows only the class.
 */
export function pythonRepr(value: unknown): string {
  const out = new BoundedText(MAX_SHOWN);
  print(value, { out, depth: 0 });
  return out.text();
}

/** As Python's `str()`: a string has no quotes. */
export function pythonText(value: unknown): string {
  if (typeof value !== 'string') return pythonRepr(value);
  return value.length > MAX_SHOWN ? `${value.slice(0, MAX_SHOWN)}…` : value;
}

/** Collects text up to a limit. */
class BoundedText {
  readonly #most: number;
  #text = '';

  constructor(most: number) {
    this.#most = most;
  }

  get isFull(): boolean {
    return this.#text.length > this.#most;
  }

  add(part: string): void {
    if (!this.isFull) this.#text += part;
  }

  text(): string {
    return this.isFull ? `${this.#text.slice(0, this.#most)}…` : this.#text;
  }
}

interface Output {
  readonly out: BoundedText;
  readonly depth: number;
}

function print(value: unknown, { out, depth }: Output): void {
  if (value === null || value === undefined) out.add('None');
  else if (typeof value === 'boolean') out.add(value ? 'True' : 'False');
  else if (typeof value === 'string') out.add(quoted(value));
  else if (typeof value !== 'object') out.add(String(value));
  else if (depth >= MAX_DEPTH) out.add('…');
  else if (Array.isArray(value)) printList(value, { out, depth: depth + 1 });
  else if (isPlain(value)) printObject(value, { out, depth: depth + 1 });
  else out.add(`<${value.constructor?.name ?? 'object'}>`);
}

function printList(list: readonly unknown[], at: Output): void {
  at.out.add('[');
  for (const [index, item] of list.entries()) {
    if (at.out.isFull) return;
    if (index > 0) at.out.add(', ');
    print(item, at);
  }
  at.out.add(']');
}

function printObject(object: Readonly<Record<string, unknown>>, at: Output): void {
  at.out.add('{');
  let isFirst = true;
  for (const key in object) {
    if (at.out.isFull) return;
    if (!isFirst) at.out.add(', ');
    isFirst = false;
    at.out.add(`${quoted(key)}: `);
    print(object[key], at);
  }
  at.out.add('}');
}

/** Accepts objects of JSON.parse, and those of Ajv and Fastify's query strings, which have no prototype. */
function isPlain(value: object): value is Readonly<Record<string, unknown>> {
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null || Object.getPrototypeOf(prototype) === null;
}

function quoted(whole: string): string {
  const text = whole.length > MAX_SHOWN ? whole.slice(0, MAX_SHOWN + 1) : whole;
  const escaped = text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r');
  return text.includes("'") && !text.includes('"') ? `"${escaped}"` : `'${escaped.replaceAll("'", "\\'")}'`;
}
