import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RequestId } from '../../../src/model/ids.ts';
import { sampleServer } from '../../laws/sample-server.ts';
import { startCompute } from './compute-under-test.ts';

test('times without a zone are UTC wherever the service runs', async (t) => {
  const { TZ } = process.env;
  t.after(() => {
    if (TZ === undefined) delete process.env.TZ;
    else process.env.TZ = TZ;
  });
  process.env.TZ = 'America/New_York';
  const compute = await startCompute();
  t.after(() => compute.close());
  const { store } = compute.api;
  const { id: serverId, projectId, userId } = await store.servers.insert(sampleServer());
  const at = Date.parse('2026-01-31T18:00:00Z');
  const requestId = 'req-one' as RequestId;
  await store.actions.begin({
    ...{ serverId, projectId, userId, requestId, action: 'reboot', message: null, events: [] },
    ...{ startedAt: at, updatedAt: at },
  });
  const found = async (query: string) => {
    const path = `/servers/${serverId}/os-instance-actions?${query}`;
    const { instanceActions } = await compute.get<{ instanceActions: unknown[] }>({ path, version: 66 });
    return instanceActions.length;
  };
  assert.equal(await found('changes-since=2026-01-31T17:59:59'), 1);
  assert.equal(await found('changes-since=2026-01-31T18:00:01'), 0);
  assert.equal(await found('changes-before=2026-01-31T18:00:01'), 1);
  assert.equal(await found('changes-before=2026-01-31T17:59:59'), 0);
});
