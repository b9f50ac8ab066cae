/** The Compute API's two ways to write a time (both UTC). Most resources use the second, without a zone. */

/** Epoch milliseconds as servers, flavors' images and the image proxy show them: `2026-11-22T08:24:06Z`. */
export function zonedTime(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}

/**
 * Epoch milliseconds as services, keypairs, migrations and usages show them: `2026-11-22T08:24:08.000000`.
 */
export function plainTime(at: number): string {
  return `${new Date(at).toISOString().slice(0, 23)}000`;
}

/** {@link plainTime}, or null for what has not happened. */
export function plainTimeOrNull(at: number | null): string | null {
  return at === null ? null : plainTime(at);
}

/** Epoch milliseconds that a time in a query says. One without a zone is UTC, as everywhere in Nova. */
export function requestedTime(word: string): number {
  const zoned = /(?:[zZ]|[+-]\d\d:?\d\d)$/.test(word) || !word.includes('T') ? word : `${word}Z`;
  const at = Date.parse(zoned);
  return Number.isNaN(at) ? Date.parse(word) : at;
}
