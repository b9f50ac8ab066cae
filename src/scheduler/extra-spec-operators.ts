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

/** What Python's float() accepts, without nan, which equals nothing. */
const NUMBER = /^[+-]?(?:(?:\d+(?:_\d+)*\.?\d*|\.\d+)(?:e[+-]?\d+)?|inf(?:inity)?)$/i;

/**
 * Compares a host's value.
 * @returns why it does not satisfy, to follow "because"; undefined when it does
 */
export type Requirement = (value: string) => string | undefined;

/**
 * Parses the value of an extra spec: an operator with operands, or a plain text
 * (nova/scheduler/filters/extra_specs_ops.py match). A numeric operator with a text that is no number refuses
 * the host with a sentence; Nova raises an error.
 */
export function requirementOf(text: string): Requirement {
  const [operator = '', ...operands] = text.split(/\s+/).filter((word) => word !== '');
  const [numeric, textual] = [own(NUMERIC, operator), own(TEXTUAL, operator)];
  if (numeric === undefined && textual === undefined)
    return (value) => (value === text ? undefined : `'${value}' is not '${text}'`);
  const [operand] = operands;
  if (operand === undefined) return () => `'${text}' names nothing to compare with`;
  const unsatisfied = (value: string) => `'${value}' does not satisfy '${text}'`;
  if (textual !== undefined) return (value) => (textual(value, operands) ? undefined : unsatisfied(value));
  const bound = numberOf(operand);
  const stranger = (word: string) =>
    `'${word}' is not a number, and the operator of '${text}' compares numbers`;
  return (value) => {
    const number = numberOf(value);
    if (number === undefined) return stranger(value);
    if (bound === undefined) return stranger(operand);
    return numeric?.(number, bound) ? undefined : unsatisfied(value);
  };
}

function own<T>(table: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}

function numberOf(text: string): number | undefined {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  const trimmed = text.trim();
  if (!NUMBER.test(trimmed)) return undefined;
  const [, sign, infinite] = /^([+-]?)(inf)?/i.exec(trimmed) ?? [];
  if (infinite !== undefined) return sign === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return Number(trimmed.replaceAll('_', ''));
}
