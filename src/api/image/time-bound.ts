import { Failure } from '../../model/failure.ts';
import type { TimeBound } from '../../store/promise/page.ts';

const OPERATORS = ['gt', 'gte', 'lt', 'lte', 'eq', 'neq'] as const;
type Operator = TimeBound['operator'];
const TIME =
  /^(?:(gt|gte|lt|lte|eq|neq):)?(\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(\.\d+)?)?)?)(Z|[+-]\d{2}:?\d{2})?$/;
/** Milliseconds. Images show times in whole seconds, and filters use the shown times. */
const RESOLUTION_MS = 1000;

/**
 * Parses `gte:2026-11-22T08:24:06Z`; without an operator it means equal. A second includes all its
 * milliseconds.
 * @throws {Failure} `invalid`
 */
export function parseTimeBound(text: string): TimeBound[] {
  const match = TIME.exec(text);
  const time = match?.[2]?.replace(' ', 'T') ?? '';
  const at = Date.parse(time.includes('T') ? `${time}${match?.[4] ?? 'Z'}` : time);
  if (match === null || Number.isNaN(at))
    throw new Failure(
      'invalid',
      `'${text}' is no time: accepted is an ISO 8601 time, with one of ${OPERATORS.join(', ')} and a colon before it, or nothing.`,
    );
  const operator = (match[1] ?? 'eq') as Operator;
  return match[3] === undefined ? bySecond(operator, at) : [{ operator, at }];
}

function bySecond(operator: Operator, at: number): TimeBound[] {
  const from: TimeBound = { operator: 'gte', at };
  const to: TimeBound = { operator: 'lt', at: at + RESOLUTION_MS };
  switch (operator) {
    case 'eq':
      return [from, to];
    case 'gt':
      return [{ operator: 'gte', at: at + RESOLUTION_MS }];
    case 'lte':
      return [to];
    default:
      return [{ operator, at }];
  }
}
