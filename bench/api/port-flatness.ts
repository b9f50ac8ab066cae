import { portCosts } from '../port-costs.ts';
import type { Place } from '../store-place.ts';
import type { Figure } from './figure.ts';

const FEW = 100;
/** Those of {@link portCosts} with a target. */
const FLAT = ['page of 50 of the network', 'create', 'delete'];

/** What ports of a network cost in the store when there are many, beside few. */
export async function portFlatnessLines(
  on: string,
  { many, makePlace }: { readonly many: number; readonly makePlace: () => Promise<Place> },
): Promise<Figure[]> {
  const few = await portCosts(FEW, makePlace);
  const costs = await portCosts(many, makePlace);
  return costs.flatMap(({ what, p50 }, n) =>
    FLAT.includes(what)
      ? {
          name: `ports: ${what}, ${many.toLocaleString('en')} to ${FEW}, ${on}`,
          ...{ value: p50 / few[n]!.p50, unit: '×', target: { atMost: 1.5 } },
          note: `${(few[n]!.p50 / 1000).toFixed(2)} ms, then ${(p50 / 1000).toFixed(2)} ms`,
        }
      : [],
  );
}
