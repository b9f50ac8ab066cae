import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { libvirtHostObstacle } from '../../../../test/lab/libvirt-host.ts';
import { type LibvirtMovesLab, openLibvirtMovesLab } from '../../../../test/lab/libvirt-moves-lab.ts';
import { markVariables, variablesIn } from '../../../../test/lab/uefi-variables.ts';
import { TwoHosts } from '../../../../test/laws/moves.ts';
import type { GuestPlan } from '../../../model/guest.ts';
import type { HostName } from '../../../model/ids.ts';

const FOLDER = 'var/lib/libvirt/qemu/nvram';
/** Puts the definition back that release 0.1 writes: without a file of variables. */
const FORGET =
  'virsh dumpxml --inactive --security-info $0 | sed /\\<nvram/d > /tmp/$0.xml && virsh define /tmp/$0.xml && rm /tmp/$0.xml';

describe('UEFI variables of a guest that release 0.1 defined', {
  skip: libvirtHostObstacle() ?? false,
  timeout: 300_000,
}, () => {
  let lab: LibvirtMovesLab;
  let two: TwoHosts;
  before(async () => {
    lab = await openLibvirtMovesLab({ sharesDisks: false });
    two = new TwoHosts(lab);
  });
  after(() => lab?.close());

  const fileOf = (host: HostName, { domainName }: GuestPlan) =>
    join(lab.hostOf(host).root, FOLDER, `${domainName}_VARS.fd`);
  const filesLeft = async (host: HostName) =>
    (await readdir(join(lab.hostOf(host).root, FOLDER)).catch(() => [])).length;

  /** A guest at the first host that was off once. */
  async function former(): Promise<{ plan: GuestPlan; variables: string }> {
    const base = two.plan({ flavor: { ramMb: Math.max(lab.ramMb, 256) } });
    const properties = { ...base.image.properties, hw_firmware_type: 'uefi' };
    const plan = { ...base, image: { ...base.image, properties } };
    const server = plan.serverId;
    await two.makeDisks(plan);
    await two.start(two.from, plan);
    await lab.ask(two.from, { verb: 'destroy', server });
    await lab
      .hostOf(two.from)
      .exec('sh', ['-ec', `rm ${lab.instancesDir}/${server}/first/nvram.fd; ${FORGET}`, server]);
    await lab.ask(two.from, { verb: 'start', server });
    await lab.ask(two.from, { verb: 'destroy', server });
    await markVariables(fileOf(two.from, plan));
    const variables = await variablesIn(fileOf(two.from, plan));
    assert.ok(variables);
    assert.equal(await lab.variablesOf(two.from, server, 'first'), undefined);
    return { plan, variables };
  }

  it('become a file of its disk set when it is defined anew, and stay nowhere else', async () => {
    const { plan, variables } = await former();
    const { from } = two;
    const server = plan.serverId;
    const operation = two.newOperation();
    await lab.ask(from, { verb: 'define', plan, operation });
    await lab.ask(from, { verb: 'restore-definition', server, operation });
    assert.equal(
      await variablesIn(fileOf(from, plan)),
      variables,
      'an operation that failed changes nothing',
    );
    const again = two.newOperation();
    await lab.ask(from, { verb: 'define', plan, operation: again });
    await lab.ask(from, { verb: 'forget-definition', server, operation: again });
    await lab.ask(from, { verb: 'start', server });
    await lab.ask(from, { verb: 'destroy', server });
    assert.equal(await lab.variablesOf(from, server, 'first'), variables);
    assert.equal(await filesLeft(from), 0);
    await two.remove(plan);
  });

  it('move with its disks', async () => {
    const { plan, variables } = await former();
    const { from, to } = two;
    const server = plan.serverId;
    await lab.ask(to, { verb: 'fetch-disks', plan, offer: await two.offer(plan, 'move') });
    assert.equal(await lab.variablesOf(to, server, 'first'), variables);
    await lab.ask(from, { verb: 'undefine', server });
    assert.equal(await filesLeft(from), 0);
    await two.remove(plan);
  });

  it('migrate with it, and come to its disk set with the next definition', async () => {
    const { plan, variables } = await former();
    const { from, to } = two;
    const server = plan.serverId;
    await lab.ask(from, { verb: 'start', server });
    await two.migrate(plan, await two.prepare(plan));
    await lab.ask(to, { verb: 'destroy', server });
    await two.start(to, plan);
    await lab.ask(to, { verb: 'destroy', server });
    assert.equal(await lab.variablesOf(to, server, 'first'), variables);
    assert.equal(await filesLeft(from), 0);
    await two.remove(plan);
  });
});
