/**
 * The Compute API has two formats of times, both in UTC. Most resources use the second one, without a zone.
 */

/**
 * Formats epoch milliseconds for servers, their flavors' images and the image proxy: `2026-11-22T08:24:06Z`.
 */
export function zonedTime(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}

/** Formats epoch milliseconds for services, keypairs, migrations and usages: `2026-11-22T08:24:08.000000`. */
export function plainTime(at: number): string {
  return `${new Date(at).toISOString().slice(0, 23)}000`;
}

/** {@link plainTime}, or null for an event that has not happened. */
export function plainTimeOrNull(at: number | null): string | null {
  return at === null ? null : plainTime(at);
}

/** Parses a time in a query to epoch milliseconds. A time without a zone is UTC, as in Nova. */
export function requestedTime(word: string): number {
  const zoned = /(?:[zZ]|[+-]\d\d:?\d\d)$/.test(word) || !word.includes('T') ? word : `${word}Z`;
  const at = Date.parse(zoned);
  return Number.isNaN(at) ? Date.parse(word) : at;
}
