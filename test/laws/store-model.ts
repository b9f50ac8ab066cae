import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import type { HostName, ProjectId } from '../../src/model/ids.ts';
import type { Server, ServerPatch } from '../../src/model/server.ts';
import type { Store } from '../../src/store/promise/store.ts';
import { sampleServer } from './sample-server.ts';
import type { TheStore } from './store.ts';

const host = fc.constantFrom<(HostName | null)[]>(null, 'h1' as HostName, 'h2' as HostName);
const vmState = fc.constantFrom('active', 'stopped', 'deleted', 'error');
const moment = fc.integer({ min: 0, max: 3 });

const insertion = fc.record({
  do: fc.constant('insert'),
  fields: fc.record({ host, createdAt: moment, name: fc.constantFrom('a', 'b') }),
});
const change = fc.record({
  do: fc.constant('update'),
  which: fc.nat(20),
  stale: fc.boolean(),
  patch: fc.record({ host, vmState, progress: fc.nat(100), updatedAt: moment }, { requiredKeys: [] }),
});
const look = fc.record({
  do: fc.constant('list'),
  key: fc.constantFrom<('host' | 'display_name' | 'created_at')[]>('host', 'display_name', 'created_at'),
  direction: fc.constantFrom<('asc' | 'desc')[]>('asc', 'desc'),
  limit: fc.integer({ min: 1, max: 5 }),
  marker: fc.option(fc.nat(20), { nil: undefined }),
});
const FIELDS = { host: 'host', display_name: 'name', created_at: 'createdAt' } as const;

/** A store answers as a list in memory does, after any writes. */
export function storeModelLaws(the: TheStore): void {
  it('answers as a plain list would', async () => {
    let runs = 0;
    const step = fc.oneof(insertion, change, look);
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 30 }), async (steps) => {
        const projectId = `model-${runs++}` as ProjectId;
        const model: Server[] = [];
        for (const one of steps) {
          if (one.do === 'insert')
            model.push(
              await the().store.servers.insert(
                sampleServer({ ...(one as { fields: object }).fields, projectId }),
              ),
            );
          else if (model.length > 0 && 'patch' in one) await applyChange(the().store, model, one as Change);
          else if ('key' in one) await compare(the().store, model, one as Look);
        }
        await compareSums(the().store, model, projectId);
      }),
      { numRuns: 50 },
    );
  });
}

interface Change {
  readonly which: number;
  readonly stale: boolean;
  readonly patch: ServerPatch;
}
interface Look {
  readonly key: keyof typeof FIELDS;
  readonly direction: 'asc' | 'desc';
  readonly limit: number;
  readonly marker: number | undefined;
}

async function applyChange(store: Store, model: Server[], { which, stale, patch }: Change): Promise<void> {
  const at = which % model.length;
  const known = model[at] as Server;
  const seen = { ...known, generation: known.generation - (stale ? 1 : 0) };
  if (stale) return assert.rejects(store.servers.update(seen, patch), { kind: 'conflict' });
  model[at] = { ...known, ...patch, generation: known.generation + 1 };
  assert.deepEqual(await store.servers.update(seen, patch), model[at]);
}

async function compare(store: Store, model: readonly Server[], look: Look): Promise<void> {
  const projectId = model[0]?.projectId;
  if (projectId === undefined) return;
  const field = FIELDS[look.key];
  const sign = look.direction === 'asc' ? 1 : -1;
  const rank = (a: string | number | null, b: string | number | null) => {
    if (a === b) return 0;
    if (a === null || b === null) return a === null ? -1 : 1;
    return a < b ? -1 : 1;
  };
  const before = (a: Server, b: Server) => sign * (rank(a[field], b[field]) || a.number - b.number);
  const marker = look.marker === undefined ? undefined : (model[look.marker % model.length] as Server);
  const expected = model
    .filter((server) => server.vmState !== 'deleted')
    .filter((server) => marker === undefined || before(server, marker) > 0)
    .sort(before)
    .slice(0, look.limit);
  const page = {
    limit: look.limit,
    sort: [{ key: look.key, direction: look.direction }],
    ...(marker === undefined ? {} : { marker: marker.id }),
  };
  assert.deepEqual(await store.servers.list({ projectId }, page), expected);
}

async function compareSums(store: Store, model: readonly Server[], projectId: ProjectId): Promise<void> {
  const live = model.filter((server) => server.vmState !== 'deleted');
  const cores = live.reduce((sum, { flavor }) => sum + flavor.vcpus, 0);
  const ramMb = live.reduce((sum, { flavor }) => sum + flavor.ramMb, 0);
  assert.deepEqual(await store.servers.usageOf(projectId), { instances: live.length, cores, ramMb });
}
