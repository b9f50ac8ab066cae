import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { startCloud } from '../../test/lab/cloud.ts';
import { HOST } from '../../test/lab/cloud-host.ts';
import {
  evacuate,
  liveMigrate,
  migrate,
  OTHER_HOST,
  resizeAway,
  TWO_HOSTS,
} from '../../test/lab/move-cases.ts';
import { createOne } from '../../test/lab/operation-cases.ts';

const MOVES = [
  { name: 'live migration', ask: liveMigrate, says: /^Compute host hume, which the server is to go to, / },
  { name: 'cold migration', ask: migrate, says: /^Compute host hume, / },
  { name: 'evacuation', ask: evacuate, says: /^Compute host hume, / },
  { name: 'resize', ask: resizeAway, says: /^The compute host that the server is to go to does not answer/ },
] as const;

describe('the destination is off and does not count as down yet', { concurrency: true }, () => {
  for (const { name, ask, says } of MOVES)
    it(`${name}: fails and says so, and the server is as it was`, async () => {
      const cloud = await startCloud(TWO_HOSTS);
      try {
        const { id } = await createOne(cloud);
        await cloud.idle();
        const before = await cloud.server(id);
        await cloud.hosts.get(OTHER_HOST)!.silence();
        await ask(cloud, before);
        await cloud.idle();
        const { generation: _, updatedAt: __, ...now } = await cloud.server(id);
        const { generation: ___, updatedAt: ____, ...then } = before;
        assert.deepEqual(now, then);
        assert.equal((await cloud.hosts.get(HOST)!.driver.observe(id)).power, 'running');
        const [action] = await cloud.store.actions.list(id, { limit: 1 });
        assert.match(action?.events[0]?.details ?? '', says);
        assert.match(action?.events[0]?.traceback ?? '', /^Compute host hume, /);
      } finally {
        await cloud.close();
      }
    });
});
