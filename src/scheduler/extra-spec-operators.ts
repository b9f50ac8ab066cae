type Comparison = (value: string, operands: readonly string[]) => boolean;

const NUMERIC: Readonly<Record<string, (value: number, operand: number) => boolean>> = {
  '=': (value, operand) => value >= operand,
  '==': (value, operand) => value === operand,
  '!=': (value, operand) => value !== operand,
  '>=': (value, operand) => value >= operand,
  '<=': (value, operand) => value <= operand,
};

const TEXTUAL: Readonly<Record<string, Comparison>> = {
  's==': (value, [operand = '']) => value === operand,
  's!=': (value, [operand = '']) => value !== operand,
  's<': (value, [operand = '']) => value < operand,
  's<=': (value, [operand = '']) => value <= operand,
  's>': (value, [operand = '']) => value > operand,
  's>=': (value, [operand = '']) => value >= operand,
  '<in>': (value, [operand = '']) => value.includes(operand),
  '<all-in>': (value, operands) => operands.every((operand) => value.includes(operand)),
  // <or> v1 <or> v2: every second word is an operator again.
  '<or>': (value, operands) => operands.some((operand, index) => index % 2 === 0 && operand === value),
};

/** What Python's float() reads, but for nan: nothing equals that. */
const NUMBER = /^[+-]?(?:(?:\d+(?:_\d+)*\.?\d*|\.\d+)(?:e[+-]?\d+)?|inf(?:inity)?)$/i;

/**
 * Compares what a host has with what an extra spec asks for: an operator and its operands, or the text itself
 * (nova/scheduler/filters/extra_specs_ops.py). Nova raises an error where a numeric operator meets a text that is no number; here that
 * is a mismatch with a sentence.
 *
 * @returns why it does not match, to go on from "because", or undefined when it does
 */
export function mismatch(value: string, requirement: string): string | undefined {
  const [operator = '', ...operands] = requirement.split(/\s+/).filter((word) => word !== '');
  const [numeric, textual] = [own(NUMERIC, operator), own(TEXTUAL, operator)];
  if (numeric === undefined && textual === undefined)
    return value === requirement ? undefined : `'${value}' is not '${requirement}'`;
  const [operand] = operands;
  if (operand === undefined) return `'${requirement}' names nothing to compare with`;
  if (textual !== undefined)
    return textual(value, operands) ? undefined : `'${value}' does not satisfy '${requirement}'`;
  const stranger = [value, operand].find((text) => numberOf(text) === undefined);
  if (stranger !== undefined)
    return `'${stranger}' is not a number, and the operator of '${requirement}' compares numbers`;
  return numeric?.(numberOf(value) as number, numberOf(operand) as number)
    ? undefined
    : `'${value}' does not satisfy '${requirement}'`;
}

function own<T>(table: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}

function numberOf(text: string): number | undefined {
  const trimmed = text.trim();
  if (!NUMBER.test(trimmed)) return undefined;
  const [, sign, infinite] = /^([+-]?)(inf)?/i.exec(trimmed) ?? [];
  if (infinite !== undefined) return sign === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return Number(trimmed.replaceAll('_', ''));
}
