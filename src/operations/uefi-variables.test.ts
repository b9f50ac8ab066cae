import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Cloud, startCloudFor } from '../../test/lab/cloud.ts';
import { HOST } from '../../test/lab/cloud-host.ts';
import { MOVE_CASES } from '../../test/lab/move-cases.ts';
import { begin, OPERATION_CASES } from '../../test/lab/operation-cases.ts';
import { imageOf, requester, serverRequest } from '../../test/lab/requests.ts';
import { guestFile } from '../../test/lab/whole-server.ts';
import type { Server } from '../model/server.ts';

/** They make disks anew, of an image, and so the variables. */
const MAKE_ANEW = ['rebuild-server', 'evacuate-server'];
const WITHOUT_GUEST = ['create-server', 'delete-server'];
const CASES = [...OPERATION_CASES, ...MOVE_CASES].filter(({ kind }) => !WITHOUT_GUEST.includes(kind));

describe('the UEFI variables of a server', () => {
  for (const of of CASES) {
    const anew = MAKE_ANEW.includes(of.kind);
    it(`are ${anew ? 'made anew' : 'the same'} after: ${of.name}`, async (t) => {
      const cloud = await startCloudFor(t, of.cloud ?? {});
      const host = cloud.hosts.size > 1 ? HOST : null;
      const image = imageOf({ properties: { hw_firmware_type: 'uefi' } });
      const [made] = await cloud.operations.createServers(serverRequest({ host, image }), requester());
      await cloud.idle();
      const first = await variablesOf(cloud, await cloud.server(made!.id));
      assert.ok(first !== undefined);
      for (const ask of of.from ?? []) {
        await ask(cloud, await cloud.server(made!.id));
        await cloud.idle();
      }
      await begin(cloud, of, await cloud.server(made!.id));
      await cloud.idle();
      const after = await cloud.server(made!.id);
      assert.equal(after.fault, null);
      if (anew) assert.notEqual(await variablesOf(cloud, after), first);
      else assert.equal(await variablesOf(cloud, after), first);
    });
  }
});

/** The variables in the disk set that the server has. */
async function variablesOf(cloud: Cloud, { id, host, diskSet }: Server): Promise<string | undefined> {
  return (await guestFile(cloud, id, host!))?.disks[diskSet]?.variables;
}
