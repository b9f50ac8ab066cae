import type { TSchema } from 'typebox';
import { exactly, type FieldsOf } from '../../model/messages/primitives.ts';
import type { Operation } from '../../model/operation.ts';

declare const type: unique symbol;

/** A schema, with the TypeScript type of what it accepts. */
export interface SchemaOf<T> {
  readonly schema: TSchema;
  readonly [type]?: T;
}

/** A step's name, and the schema of what is kept under it with the operation. */
export interface OutputOf<T> {
  readonly name: string;
  readonly output: SchemaOf<T>;
}

/** The schema of an object with these fields and no others. */
export function schemaOf<T>(fields: FieldsOf<T>): SchemaOf<T> {
  return { schema: exactly<T>(fields) };
}

/** The request, and the input, of an operation that needs to know nothing. */
export type NoInput = Readonly<Record<string, never>>;
export const NO_INPUT: SchemaOf<NoInput> = { schema: exactly<object>({}) };

/** Declares the output of the step of that name. */
export function outputSchema<T>(name: string, fields: FieldsOf<T>): OutputOf<T> {
  return { name, output: schemaOf<T>(fields) };
}

/**
 * What an operation was asked with. It was parsed by the schema when the operation was loaded
 * (`understand.ts`).
 */
export function inputOf<T>({ input }: Pick<Operation, 'input'>, _schema: SchemaOf<T>): T {
  return input as T;
}

/**
 * The output of an operation's step; undefined where the step was not done, or kept none. Parsed as the input
 * is.
 */
export function outputOf<T>({ outputs }: Pick<Operation, 'outputs'>, { name }: OutputOf<T>): T | undefined {
  return (outputs[name] ?? undefined) as T | undefined;
}
