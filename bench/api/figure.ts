/** One measured line of the table. */
export interface Figure {
  readonly name: string;
  /** NaN where it could not be measured; `note` then says why. */
  readonly value: number;
  readonly unit: string;
  readonly target?: Target;
  /** What else is worth knowing, in a few words. */
  readonly note?: string;
  /** Cores that the rest of the machine used meanwhile; a quiet machine is 0. */
  readonly othersCores?: number;
}

export type Target = { readonly atLeast: number } | { readonly atMost: number };

/** Above this many cores taken by others, a missed target says so. */
const QUIET = 0.15;

/** `yes`, or `no` with an honest word; empty without a target. */
export function verdictOf({ value, target, othersCores = 0 }: Figure): string {
  if (target === undefined || Number.isNaN(value)) return '';
  if ('atLeast' in target ? value >= target.atLeast : value <= target.atMost) return 'yes';
  return othersCores > QUIET ? `no (others took ${othersCores.toFixed(1)} cores)` : 'no';
}

/** The table, with the other cloud's figures and the ratios when there are any. */
export function tableOf(figures: readonly Figure[], others?: readonly Figure[]): string {
  const head = ['line', 'target', 'measured', 'met', ...(others ? ['the other', 'ratio'] : []), 'note'];
  const rows = figures.map((figure) => {
    const other = others?.find(({ name }) => name === figure.name);
    const beside =
      others === undefined ? [] : other === undefined ? ['', ''] : [said(other), ratioOf(figure, other)];
    return [figure.name, targetOf(figure), said(figure), verdictOf(figure), ...beside, figure.note ?? ''];
  });
  const widths = head.map((word, column) => Math.max(word.length, ...rows.map((row) => row[column]!.length)));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd();
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

function targetOf({ target, unit }: Figure): string {
  if (target === undefined) return '';
  const [word, value] = 'atLeast' in target ? ['≥', target.atLeast] : ['≤', target.atMost];
  return `${word} ${shown(value)} ${unit}`;
}

function said({ value, unit }: Figure): string {
  if (Number.isNaN(value)) return 'not measured';
  return `${shown(value)} ${unit}`;
}

function shown(value: number): string {
  if (value >= 100) return Math.round(value).toLocaleString('en');
  return value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

/** How many times better ours is, whichever way is better. */
function ratioOf(ours: Figure, other: Figure): string {
  const higherIsBetter = ours.unit.endsWith('/s');
  const ratio = higherIsBetter ? ours.value / other.value : other.value / ours.value;
  return Number.isNaN(ratio) ? '—' : `${shown(ratio)} ×`;
}
