import type { Surroundings } from './surroundings.ts';
import type { OptionType } from './types.ts';

/** A default that depends on the machine. */
export interface ComputedDefault {
  readonly compute: (surroundings: Surroundings) => string;
  /** The reference shows this instead of the machine's value. */
  readonly described: string;
}

/** The declaration of an option, for loading, error texts and the reference. */
export interface Option<Value> {
  readonly type: OptionType<unknown>;
  /** In the form of a file, including substitution. Undefined when the option may be unset. */
  readonly default: string | ComputedDefault | undefined;
  /** Whether an empty text means "unset". */
  readonly optional: boolean;
  readonly unit: string | undefined;
  /** For the reference: sentences in plain Markdown. */
  readonly help: string;
  /** The project that defines name and meaning. The reference marks Nameplate's own options. */
  readonly from: 'Nova' | 'Keystone' | 'Neutron' | 'oslo.db' | 'oslo.middleware' | 'Nameplate';
  /** Never show the value, not even in errors. */
  readonly secret: boolean;
  /** Options do not change while the program runs: an edit takes effect at the next start. */
  readonly mutable: false;
  /** Only in the types: the result of `type`. */
  readonly valueType?: Value;
}

interface Declaration<Value> {
  readonly type: OptionType<Value>;
  readonly help: string;
  readonly unit?: string;
  readonly from?: Option<Value>['from'];
  readonly secret?: true;
}

/** Declares an option that always has a value. By default its name and meaning are Nova's. */
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

/** The type of the values of a set of declarations: `config.libvirt.sysinfo_serial`. */
export type ConfigOf<Groups extends OptionGroups> = {
  readonly [Group in keyof Groups]: {
    readonly [Name in keyof Groups[Group]['options']]: Groups[Group]['options'][Name] extends Option<
      infer Value
    >
      ? Value
      : never;
  };
};
