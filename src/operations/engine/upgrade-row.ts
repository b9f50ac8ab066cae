import type { Operation } from '../../model/operation.ts';

/** What the version of a kind gives a meaning to: names of steps, input and outputs. */
export type VersionedRow = Pick<Operation, 'step' | 'input' | 'outputs' | 'notUndone'>;

/**
 * Converts a row of one version into a row of the next: it renames steps and rewrites input and outputs. The
 * operation may be running or unwinding. Pure. It throws on values that it cannot read, and the row is then
 * left as it is.
 */
export type RowUpgrade = (row: VersionedRow & Pick<Operation, 'state'>) => VersionedRow;

interface Versioned {
  readonly version: number;
  readonly upgrades?: Readonly<Record<number, RowUpgrade>>;
}

/**
 * Converts a row, version by version, to the version of its kind. Pure.
 * @returns undefined where the row is newer, or no conversion begins at its version
 * @throws whatever a conversion throws
 */
export function upgradeRow({ version, upgrades = {} }: Versioned, stored: Operation): Operation | undefined {
  let row = stored;
  while (row.version < version) {
    const upgrade = upgrades[row.version];
    if (upgrade === undefined) return undefined;
    const { step, input, outputs, notUndone } = upgrade(row);
    row = { ...row, step, input, outputs, notUndone, version: row.version + 1 };
  }
  return row.version === version ? row : undefined;
}
