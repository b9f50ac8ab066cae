import { isIP } from 'node:net';
import { type Cidr, parseCidr } from '../model/network/cidr.ts';

/** The value of a text, or a sentence why it has none. */
export type Parsed<Value> = { readonly value: Value } | { readonly refused: string };

/** A parser for the text of an option. `Value` is its result. */
export interface OptionType<Value> {
  /** One or two words for the reference: `integer`, `choice`. */
  readonly name: string;
  /** Completes "accepted is …". */
  readonly accepts: string;
  /** The choices with their meanings. */
  readonly choices?: Readonly<Record<string, string>>;
  readonly parse: (text: string) => Parsed<Value>;
}

interface TextRule {
  readonly pattern: RegExp;
  /** A description of the pattern, which completes "accepted is …". */
  readonly accepts: string;
}

/** Any text; with a rule, only text that matches it. */
export function text(rule?: TextRule): OptionType<string> {
  const accepts = rule?.accepts ?? 'any text';
  return {
    name: 'text',
    accepts,
    parse: (written) =>
      rule !== undefined && !rule.pattern.test(written)
        ? { refused: `accepted is ${accepts}` }
        : { value: written },
  };
}

/** One of several words with their meanings. Case matters, as in oslo.config's `StrOpt(choices=…)`. */
export function choice<const Word extends string>(choices: Readonly<Record<Word, string>>): OptionType<Word> {
  const words = Object.keys(choices) as Word[];
  const accepts = `one of ${words.join(', ')}`;
  return {
    name: 'choice',
    accepts,
    choices,
    parse: (written) => {
      const word = words.find((candidate) => candidate === written);
      if (word !== undefined) return { value: word };
      return {
        refused: `${commentHint(written)}${caseHint(written, words)}the choices are ${words.join(', ')}`,
      };
    },
  };
}

function caseHint(written: string, words: readonly string[]): string {
  const meant = words.find((word) => word.toLowerCase() === written.trim().toLowerCase());
  return meant === undefined ? '' : `case and spaces matter, '${meant}' would be accepted; `;
}

function commentHint(written: string): string {
  return /\s[#;]/.test(written) ? 'a comment must stand on a line of its own; ' : '';
}

interface Limits {
  readonly min?: number;
  readonly max?: number;
}

/**
 * A whole number with inclusive limits. Parses what Python's `int()` accepts: a sign, leading zeros, `_`
 * between digits.
 */
export function integer(limits: Limits = {}): OptionType<number> {
  const min = limits.min ?? Number.MIN_SAFE_INTEGER;
  const max = limits.max ?? Number.MAX_SAFE_INTEGER;
  return numberType({
    name: 'integer',
    pattern: /^[+-]?\d+(_\d+)*$/,
    noun: 'a whole number',
    min,
    max,
    limits,
  });
}

/** A TCP port; 0 means any free port. */
export function port(): OptionType<number> {
  return { ...integer({ min: 0, max: 65_535 }), name: 'port' };
}

/**
 * A finite decimal number with inclusive limits. Unlike oslo.config it refuses `inf` and `nan`, because no
 * option can use them.
 */
export function float(limits: Limits = {}): OptionType<number> {
  const min = limits.min ?? -Number.MAX_VALUE;
  const max = limits.max ?? Number.MAX_VALUE;
  const pattern = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i;
  return numberType({ name: 'decimal number', pattern, noun: 'a number', min, max, limits });
}

interface NumberRules {
  readonly name: string;
  readonly pattern: RegExp;
  readonly noun: string;
  readonly min: number;
  readonly max: number;
  readonly limits: Limits;
}

function numberType(rules: NumberRules): OptionType<number> {
  const from = rules.limits.min === undefined ? '' : ` from ${rules.limits.min}`;
  const to = rules.limits.max === undefined ? '' : ` up to ${rules.limits.max}`;
  const accepts = `${rules.noun}${from}${to}`;
  return {
    name: rules.name,
    accepts,
    parse: (written) => {
      const trimmed = written.trim();
      const value = Number(trimmed.replaceAll('_', ''));
      if (rules.pattern.test(trimmed) && value >= rules.min && value <= rules.max) return { value };
      return { refused: `${commentHint(written)}accepted is ${accepts}` };
    },
  };
}

const TRUE_WORDS = ['true', '1', 'on', 'yes'];
const FALSE_WORDS = ['false', '0', 'off', 'no'];

/** oslo.config's `Boolean`: eight words in any case, fewer than for extra specs and image properties. */
export function boolean(): OptionType<boolean> {
  const accepts = `${TRUE_WORDS.join(', ')} or ${FALSE_WORDS.join(', ')}, in any case`;
  return {
    name: 'boolean',
    accepts,
    parse: (written) => {
      const word = written.toLowerCase();
      if (TRUE_WORDS.includes(word)) return { value: true };
      if (FALSE_WORDS.includes(word)) return { value: false };
      return { refused: `${commentHint(written)}accepted is ${accepts}` };
    },
  };
}

/**
 * A list of items separated by commas, each trimmed. Commas at the end are ignored, and an empty text is the
 * empty list. As oslo.config's `List`.
 */
export function list<Item>(item: OptionType<Item>): OptionType<readonly Item[]> {
  return {
    name: `list of ${item.name}`,
    accepts: `a list divided by commas, each item ${item.accepts}`,
    ...(item.choices === undefined ? {} : { choices: item.choices }),
    parse: (written) => {
      const trimmed = written.trim().replace(/,+$/, '');
      const items: Item[] = [];
      for (const part of trimmed === '' ? [] : trimmed.split(',')) {
        const parsed = item.parse(part.trim());
        if ('refused' in parsed) return { refused: `item '${part.trim()}': ${parsed.refused}` };
        items.push(parsed.value);
      }
      return { value: items };
    },
  };
}

/** `key:value` pairs separated by commas, each key only once. As oslo.config's `Dict`. */
export function dictionary<Item>(item: OptionType<Item>): OptionType<ReadonlyMap<string, Item>> {
  const accepts = `key:value pairs divided by commas, each value ${item.accepts}`;
  return {
    name: `pairs of text and ${item.name}`,
    accepts,
    parse: (written) => {
      const pairs = new Map<string, Item>();
      for (const pair of written.trim() === '' ? [] : written.split(',')) {
        const colon = pair.indexOf(':');
        const key = pair.slice(0, Math.max(colon, 0)).trim();
        if (key === '') return { refused: `'${pair.trim()}' is not key:value; accepted is ${accepts}` };
        if (pairs.has(key)) return { refused: `key '${key}' stands twice; accepted is each key once` };
        const parsed = item.parse(pair.slice(colon + 1).trim());
        if ('refused' in parsed) return { refused: `value of '${key}': ${parsed.refused}` };
        pairs.set(key, parsed.value);
      }
      return { value: pairs };
    },
  };
}

/**
 * A URI with one of these schemes, unchanged. Only for web addresses, slashes at the end are removed, so
 * that a path can follow.
 */
export function uri(schemes: readonly string[], example: string): OptionType<string> {
  const accepts = `a URI whose scheme is one of ${schemes.join(', ')}, like ${example}`;
  return {
    name: 'URI',
    accepts,
    parse: (written) => {
      const scheme = URL.canParse(written) ? new URL(written).protocol.slice(0, -1) : undefined;
      if (scheme === undefined || !schemes.includes(scheme) || /\s/.test(written)) {
        return { refused: `accepted is ${accepts}` };
      }
      return { value: scheme.startsWith('http') ? written.replace(/\/+$/, '') : written };
    },
  };
}

/** An absolute path, which does not depend on the current folder. */
export function absolutePath(): OptionType<string> {
  const accepts = "a path that begins with '/'";
  return {
    name: 'path',
    accepts,
    parse: (written) =>
      written.startsWith('/') && !/[\0\n]/.test(written)
        ? { value: written.replace(/(?<=.)\/+$/, '') }
        : { refused: `accepted is ${accepts}` },
  };
}

/** An IPv4 or IPv6 address. */
export function ipAddress(): OptionType<string> {
  const accepts = 'an IPv4 or IPv6 address';
  return {
    name: 'IP address',
    accepts,
    parse: (written) => (isIP(written) === 0 ? { refused: `accepted is ${accepts}` } : { value: written }),
  };
}

/** An address to listen on. */
export interface ListenAddress {
  /** Without the brackets of an IPv6 address. */
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
}

/** `HOST:PORT` or `[IPv6]:PORT`. */
export function listenAddress(): OptionType<ListenAddress> {
  const accepts = 'HOST:PORT with a port from 0 up to 65535, like 127.0.0.1:8774 or [::1]:8774';
  return {
    name: 'address',
    accepts,
    parse: (written) => {
      const match = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9.-]+)):(\d{1,5})$/.exec(written);
      const number = Number(match?.[3]);
      const host = match?.[1] ?? match?.[2];
      const bad = host === undefined || number > 65_535 || (match?.[1] !== undefined && isIP(host) !== 6);
      return bad ? { refused: `accepted is ${accepts}` } : { value: { host, port: number } };
    },
  };
}

/** A database, from a SQLAlchemy-style URL. */
export type DatabaseAddress =
  | { readonly dialect: 'sqlite' /** A file, or `:memory:`. */; readonly path: string }
  | { readonly dialect: 'postgresql'; readonly url: string };

/**
 * A URL in SQLAlchemy's form, as oslo.db parses it: after `sqlite://` come a slash and the path, so that an
 * absolute path makes four slashes.
 */
export function databaseAddress(): OptionType<DatabaseAddress> {
  const accepts = 'sqlite:////PATH/TO/FILE or postgresql://USER:PASSWORD@HOST:PORT/DATABASE';
  return {
    name: 'database URL',
    accepts,
    parse: (written) => {
      if (written === 'sqlite://') return { value: { dialect: 'sqlite', path: ':memory:' } };
      const path = /^sqlite:\/\/\/(\/[^\0\n?]+)$/.exec(written)?.[1];
      if (path !== undefined) return { value: { dialect: 'sqlite', path } };
      if (/^postgresql(\+\w+)?:\/\//.test(written) && URL.canParse(written) && !/\s/.test(written)) {
        return { value: { dialect: 'postgresql', url: written } };
      }
      return { refused: `accepted is ${accepts}` };
    },
  };
}

/** A block of IPv4 addresses for guests, or null for `none`. */
export function guestBlock(): OptionType<Cidr | null> {
  const accepts = 'a block of IPv4 addresses from /8 to /29, like 10.114.0.0/20, or none';
  return {
    name: 'CIDR',
    accepts,
    parse: (written) => {
      if (written === 'none') return { value: null };
      const block = parseCidr(written);
      const fits = block?.version === 4 && block.prefix >= 8 && block.prefix <= 29;
      return fits ? { value: block } : { refused: `accepted is ${accepts}` };
    },
  };
}
