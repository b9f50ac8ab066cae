const TIME =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2}(?:\.\d{1,9})?))?)?(Z|[+-]\d{2}:\d{2})?$/;

/** What {@link parsePointInTime} accepts, for error texts. */
export const POINT_IN_TIME =
  'a date such as 2026-01-31, or a time such as 2026-01-31T18:00 or 2026-01-31T18:00:00+02:00, in UTC unless it says otherwise';

/** The time that a text names, as epoch milliseconds; undefined when it names none. Pure. */
export function parsePointInTime(text: string): number | undefined {
  const match = TIME.exec(text.trim());
  if (match === null) return undefined;
  const [, year, month, day, hour = '00', minute = '00', second = '00', zone = 'Z'] = match;
  const at = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}${zone}`);
  // Date.parse turns 30 February into 2 March.
  const isDay = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day))).getUTCDate() === Number(day);
  return Number.isNaN(at) || !isDay ? undefined : at;
}
