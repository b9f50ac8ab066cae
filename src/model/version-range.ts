/**
 * A range of versions, such as `>=6.0, <8`: conditions that must all hold (oslo_utils/versionutils.py
 * VersionPredicate).
 */
export type VersionRange = readonly Condition[];

interface Condition {
  readonly operator: keyof typeof OPERATORS;
  readonly version: readonly number[];
}

const OPERATORS = {
  '<=': (order: number) => order <= 0,
  '>=': (order: number) => order >= 0,
  '!=': (order: number) => order !== 0,
  '==': (order: number) => order === 0,
  '<': (order: number) => order < 0,
  '>': (order: number) => order > 0,
} as const;

const CONDITION = /^\s*(<=|>=|!=|==|<|>)\s*(\d{1,9}(?:\.\d{1,9}){0,9})\s*$/;

/** @returns undefined when the text is not a range */
export function parseVersionRange(text: string): VersionRange | undefined {
  const conditions: Condition[] = [];
  for (const part of text.split(',')) {
    const [, operator, version] = CONDITION.exec(part) ?? [];
    if (operator === undefined || version === undefined) return undefined;
    conditions.push({
      operator: operator as Condition['operator'],
      version: version.split('.').map(Number),
    });
  }
  return conditions;
}

/** Whether a version is in the range. A bound of 8 means 8.0.0. */
export function isInRange(range: VersionRange, version: readonly number[]): boolean {
  return range.every(({ operator, version: bound }) => OPERATORS[operator](order(version, bound)));
}

function order(one: readonly number[], other: readonly number[]): number {
  for (let index = 0; index < Math.max(one.length, other.length); index++) {
    const difference = (one[index] ?? 0) - (other[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
