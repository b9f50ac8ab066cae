import { Failure } from '../../model/failure.ts';

/** A span of time, epoch milliseconds. */
export interface Period {
  readonly start: number;
  readonly stop: number;
}

const FORM = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}:\d{2}(?:\.\d{1,6})?|[ ]\d{2}:\d{2}:\d{2}\.\d{1,6})$/;

/**
 * The period of a request, in UTC. A missing start is one millisecond ago; a missing or future end is now
 * (nova/api/openstack/compute/simple_tenant_usage.py SimpleTenantUsageController._parse_qs_params).
 * @throws {Failure} `invalid`, with Nova's text
 */
export function periodOf(query: { start?: string; end?: string }, now: number): Period {
  const start = timeOf(query.start) ?? now - 1;
  const stop = timeOf(query.end) ?? now;
  if (!(start < stop))
    throw new Failure('invalid', 'Invalid start time. The start time cannot occur after the end time.');
  return { start, stop: Math.min(stop, now) };
}

function timeOf(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  const at = FORM.test(text) ? Date.parse(`${text.replace(' ', 'T').slice(0, 23)}Z`) : Number.NaN;
  if (Number.isNaN(at))
    throw new Failure('invalid', 'Invalid datetime string: Datetime is in invalid format');
  return at;
}
