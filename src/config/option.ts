import type { Surroundings } from './surroundings.ts';
import type { OptionType } from './types.ts';

/** A default that depends on the machine. */
export interface ComputedDefault {
  readonly compute: (surroundings: Surroundings) => string;
  /** Stands in the reference instead of this machine's value. */
  readonly described: string;
}

/** One option, declared once: this is all that loading, errors and the reference know of it. */
export interface Option<Value> {
  readonly type: OptionType<unknown>;
  /** In the form in which a file has it, substitution included; undefined when the option may be unset. */
  readonly default: string | ComputedDefault | undefined;
  /** Whether an empty text means "unset". */
  readonly optional: boolean;
  readonly unit: string | undefined;
  /** For the reference. Plain Markdown, sentences. */
  readonly help: string;
  /** Whose name and meaning it is. What Nameplate added says so in the reference. */
  readonly from: 'Nova' | 'Keystone' | 'oslo.db' | 'oslo.middleware' | 'Nameplate';
  /** Never shown, not even in errors. */
  readonly secret: boolean;
  /** No option changes while the program runs: an edit takes effect at the next start. */
  readonly mutable: false;
  /** Only in the types: what `type` gives. */
  readonly valueType?: Value;
}

interface Declaration<Value> {
  readonly type: OptionType<Value>;
  readonly help: string;
  readonly unit?: string;
  readonly from?: Option<Value>['from'];
  readonly secret?: true;
}

/** Declares an option that always has a value. Unless said otherwise, its name and meaning are Nova's. */
export function option<Value>(
  declaration: Declaration<Value> & { readonly default: string | ComputedDefault },
): Option<Value> {
  return { ...complete(declaration), default: declaration.default, optional: false };
}

/** Declares an option that may be unset; an empty text unsets it. */
export function optionalOption<Value>(declaration: Declaration<Value>): Option<Value | undefined> {
  return { ...complete(declaration), default: undefined, optional: true };
}

function complete<Value>(declaration: Declaration<Value>) {
  const { type, help, unit, from = 'Nova', secret = false } = declaration;
  return { type, help, unit, from, secret, mutable: false } as const;
}

/** A section of the file. */
export interface OptionGroup {
  readonly help: string;
  readonly options: Readonly<Record<string, Option<unknown>>>;
}

/** Sections by name. */
export type OptionGroups = Readonly<Record<string, OptionGroup>>;

/** The values that a set of declarations gives: `config.libvirt.sysinfo_serial`. */
export type ConfigOf<Groups extends OptionGroups> = {
  readonly [Group in keyof Groups]: {
    readonly [Name in keyof Groups[Group]['options']]: Groups[Group]['options'][Name] extends Option<
      infer Value
    >
      ? Value
      : never;
  };
};
