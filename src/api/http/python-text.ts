/** Deeper than this nothing is shown: a body can be nested deeper than a stack is. */
const DEEPEST = 16;

/** Characters of a value that are shown in a message; Nova sends values back whole. */
export const MAX_SHOWN = 1024;

/**
 * A JSON value as Python prints it: Nova's messages of a refused input show it so. At most {@link MAX_SHOWN}
 * characters and `…`; work ends there too, however large the value is. What is no JSON value (a stream, a
 * buffer) is shown by its class alone.
 */
export function pythonRepr(value: unknown): string {
  const out = new BoundedText(MAX_SHOWN);
  print(value, { out, depth: 0 });
  return out.text();
}

/** As Python's `str()`: a text stands bare. */
export function pythonText(value: unknown): string {
  if (typeof value !== 'string') return pythonRepr(value);
  return value.length > MAX_SHOWN ? `${value.slice(0, MAX_SHOWN)}…` : value;
}

/** Collects text until it is full. */
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

interface Place {
  readonly out: BoundedText;
  readonly depth: number;
}

function print(value: unknown, { out, depth }: Place): void {
  if (value === null || value === undefined) out.add('None');
  else if (typeof value === 'boolean') out.add(value ? 'True' : 'False');
  else if (typeof value === 'string') out.add(quoted(value));
  else if (typeof value !== 'object') out.add(String(value));
  else if (depth >= DEEPEST) out.add('…');
  else if (Array.isArray(value)) printList(value, { out, depth: depth + 1 });
  else if (isPlain(value)) printObject(value, { out, depth: depth + 1 });
  else out.add(`<${value.constructor?.name ?? 'object'}>`);
}

function printList(list: readonly unknown[], at: Place): void {
  at.out.add('[');
  for (const [index, item] of list.entries()) {
    if (at.out.isFull) return;
    if (index > 0) at.out.add(', ');
    print(item, at);
  }
  at.out.add(']');
}

function printObject(object: Readonly<Record<string, unknown>>, at: Place): void {
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

/** As JSON.parse makes objects; Ajv and Fastify's query strings make some without a prototype. */
function isPlain(value: object): value is Readonly<Record<string, unknown>> {
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null || Object.getPrototypeOf(prototype) === null;
}

function quoted(whole: string): string {
  const text = whole.length > MAX_SHOWN ? whole.slice(0, MAX_SHOWN + 1) : whole;
  const escaped = text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r');
  return text.includes("'") && !text.includes('"') ? `"${escaped}"` : `'${escaped.replaceAll("'", "\\'")}'`;
}
