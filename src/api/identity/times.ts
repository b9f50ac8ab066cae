/** Formats epoch milliseconds as Keystone does: `2026-11-23T07:45:37.000000Z`. */
export function identityTime(at: number): string {
  return `${new Date(at).toISOString().slice(0, -1)}000Z`;
}
