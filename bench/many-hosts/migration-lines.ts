import { type ManyHosts, startManyHosts } from '../../test/lab/many-hosts.ts';
import type { Figure } from '../api/figure.ts';
import { median } from '../api/one-by-one.ts';
import { type Migrated, openMigrations } from './live-migrations.ts';
import { besideOthers } from './others.ts';
import { startTwin } from './twin.ts';
import { withLab } from './with-lab.ts';

const ROUNDS = 5;
/** How much longer than virsh's a migration may take, and how much longer a guest may pause. */
const ALLOWED = 1.1;

/**
 * Live migration of a demo guest with its disk, beside virsh's of a guest of the same definition, in turns
 * between the same two hosts.
 */
export async function migrationLines(say: (what: string) => void): Promise<Figure[]> {
  say('starting PostgreSQL, NATS and libvirt hosts');
  return withLab(startManyHosts(), (lab) => besideOthers(() => linesOn(lab, say)));
}

async function linesOn(lab: ManyHosts, say: (what: string) => void): Promise<Figure[]> {
  const migrations = await openMigrations(lab);
  const twin = await startTwin(migrations);
  const ours: (Migrated & { readonly step: number })[] = [];
  const theirs: (Migrated & { readonly prepared: number })[] = [];
  // The first there and back is not counted: it brings the image to the other host.
  for (let round = 0; round <= ROUNDS; round++) {
    say(`live migrations there and back, ${round === 0 ? 'not counted' : `${round} of ${ROUNDS}`}`);
    for (const there of [true, false]) {
      const [mine, virsh] = [await migrations.migrate(there), await twin.migrate(there)];
      if (round === 0) continue;
      ours.push(mine);
      theirs.push(virsh);
    }
  }
  return linesOf(ours, theirs);
}

function linesOf(
  ours: readonly (Migrated & { readonly step: number })[],
  theirs: readonly (Migrated & { readonly prepared: number })[],
): Figure[] {
  const middle = (times: readonly number[]) => median(times.toSorted((a, b) => a - b));
  const prepared = middle(theirs.map(({ prepared }) => prepared));
  const virsh = middle(theirs.map(({ wall }) => wall));
  const beside = (name: string, mine: number, its: number, also = ''): Figure => ({
    name,
    value: mine / its,
    unit: '×',
    target: { atMost: ALLOWED },
    note: `${mine.toFixed(0)} ms, virsh ${its.toFixed(0)} ms; medians of ${ours.length} each, in turns${also}`,
  });
  return [
    beside(
      'live migration, request to ACTIVE, beside virsh migrate',
      middle(ours.map(({ wall }) => wall)),
      virsh,
      `; virsh's disks were made ready before, in ${prepared.toFixed(0)} ms that are not counted`,
    ),
    beside('its step that migrates alone, beside virsh migrate', middle(ours.map(({ step }) => step)), virsh),
    beside(
      'pause of the guest, beside virsh migrate',
      middle(ours.map(({ pause }) => pause)),
      middle(theirs.map(({ pause }) => pause)),
    ),
  ];
}
