import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { type SampleChanges, samplePlan } from '../../src/hypervisor/libvirt/sample-plan.ts';
import { Failure, type FailureKind } from '../../src/model/failure.ts';
import type { GuestPlan } from '../../src/model/guest.ts';
import type { HostName, OperationId, ServerId } from '../../src/model/ids.ts';
import { saidAtBoot } from './driver-lab.ts';
import type { MovesLab } from './moves-lab.ts';
import { variablesLaws } from './moves-variables.ts';

const SHUTDOWN_MS = 60_000;
let made = 0;

/**
 * Every sentence of the promise in `src/hypervisor/guest-moves.ts`, asked of the agents of two hosts, so that
 * the link between them is part of it.
 */
export function movesLaws(
  name: string,
  open: () => Promise<MovesLab>,
  options: { skip?: string | false; timeout?: number } = {},
): void {
  describe(`the promise of moves, kept by ${name}`, options, () => {
    let lab: MovesLab;
    before(async () => {
      lab = await open();
    });
    after(async () => lab?.close());
    const cloud = () => new TwoHosts(lab);
    describe('marks', () => markLaws(cloud));
    // First: a destination that has made disks of the image would have the base that copied disks must not
    // need.
    describe('live migration', () => liveLaws(cloud));
    describe('UEFI variables', () => variablesLaws(cloud));
    describe('disks that move', () => diskLaws(cloud));
  });
}

/** What the laws do with two hosts. */
export class TwoHosts {
  readonly lab: MovesLab;
  readonly from: HostName;
  readonly to: HostName;

  constructor(lab: MovesLab) {
    this.lab = lab;
    [this.from, this.to] = lab.hosts;
  }

  newOperation(): OperationId {
    return randomUUID() as OperationId;
  }

  plan(changes: SampleChanges = {}): GuestPlan {
    made++;
    const domainName = `instance-${made.toString(16).padStart(8, '0')}`;
    return samplePlan({
      ...{ serverId: randomUUID() as ServerId, domainName, diskSet: 'first' },
      ...changes,
      flavor: { ramMb: this.lab.ramMb, rootGb: 1, ...changes.flavor },
      image: this.lab.image,
    });
  }

  async makeDisks(plan: GuestPlan): Promise<void> {
    const { contents } = this.lab;
    await this.lab.ask(this.from, { verb: 'create-disks', plan, from: 'image', images: null, contents });
  }

  /** A guest that has booted once at the first host and said so. */
  async boot(plan: GuestPlan): Promise<void> {
    await this.makeDisks(plan);
    await this.startAt(this.from, plan, 1);
  }

  async startAt(host: HostName, plan: GuestPlan, boot: number): Promise<string | null> {
    await this.start(host, plan);
    return (await this.says(host, plan, boot)).serial;
  }

  /** Starts a guest, without waiting for what it says. */
  async start(host: HostName, plan: GuestPlan): Promise<void> {
    await this.lab.ask(host, { verb: 'define', plan, operation: this.newOperation() });
    await this.lab.ask(host, { verb: 'start', server: plan.serverId });
  }

  async says(host: HostName, { serverId }: GuestPlan, boot: number) {
    for (;;) {
      const log = await this.lab.ask(host, { verb: 'console-log', server: serverId, lines: null });
      const said = saidAtBoot(log, boot);
      if (said !== undefined) return said;
      await delay(50); // what a guest prints is no event; the laws' own timeout ends this
    }
  }

  async power(host: HostName, { serverId }: GuestPlan): Promise<string> {
    return (await this.lab.ask(host, { verb: 'observe', server: serverId })).power;
  }

  offer({ serverId, diskSet }: GuestPlan, purpose: 'move' | 'live') {
    return this.lab.ask(this.from, { verb: 'offer-disks', server: serverId, set: diskSet, purpose });
  }

  /** All that comes before `migrate-live`. @returns the address to migrate to */
  async prepare(plan: GuestPlan): Promise<string> {
    const { lab } = this;
    if (!lab.sharesDisks)
      await lab.ask(this.to, { verb: 'fetch-disks', plan, offer: await this.offer(plan, 'live') });
    return lab.ask(this.to, { verb: 'prepare-live', plan, disks: this.disks });
  }

  get disks(): 'shared' | 'copied' {
    return this.lab.sharesDisks ? 'shared' : 'copied';
  }

  migrate({ serverId }: GuestPlan, destination: string, signal?: AbortSignal): Promise<undefined> {
    const command = { verb: 'migrate-live', server: serverId, destination, disks: this.disks } as const;
    return this.lab.ask(this.from, command, signal);
  }

  /** Waits until a live migration has begun to copy. */
  async begun({ serverId }: GuestPlan): Promise<void> {
    for (;;) {
      const progress = await this.lab.ask(this.from, { verb: 'live-progress', server: serverId });
      if (progress !== null && progress.memoryTotal + progress.diskTotal > 0) return;
      await delay(20); // libvirt has no event for it; the laws' own timeout ends this
    }
  }

  async remove(plan: GuestPlan): Promise<void> {
    const { serverId: server } = plan;
    for (const host of [this.to, this.from]) {
      await this.lab.ask(host, { verb: 'destroy', server });
      await this.lab.ask(host, { verb: 'undefine', server });
      await this.lab.ask(host, { verb: 'delete-disks', server, set: 'all' });
      assert.equal(await this.power(host, plan), 'absent');
    }
    for (const host of [this.from, this.to]) assert.deepEqual(await this.lab.filesOf(host, server), []);
  }
}

/** @returns what was thrown, which must be a failure of this kind */
export async function fails(kind: FailureKind, asked: Promise<unknown>): Promise<Failure> {
  const thrown = await asked.then(
    () => assert.fail(`it worked; ${kind} was expected`),
    (error: unknown) => error,
  );
  assert.ok(thrown instanceof Failure, `a Failure is thrown, not ${thrown}`);
  assert.equal(thrown.kind, kind, thrown.operatorText);
  return thrown;
}

function markLaws(cloud: () => TwoHosts): void {
  it('are seen where disks are shared, and only there, until they are removed', async () => {
    const two = cloud();
    const { lab, from, to } = two;
    const plan = two.plan();
    const mark = { server: plan.serverId, mark: randomUUID() };
    await two.makeDisks(plan);
    assert.equal(await lab.ask(to, { verb: 'sees-mark', ...mark }), false);
    await lab.ask(from, { verb: 'mark-disks', ...mark });
    await lab.ask(from, { verb: 'mark-disks', ...mark });
    assert.equal(await lab.ask(from, { verb: 'sees-mark', ...mark }), true);
    assert.equal(await lab.ask(to, { verb: 'sees-mark', ...mark }), lab.sharesDisks);
    await lab.ask(from, { verb: 'remove-mark', ...mark });
    await lab.ask(from, { verb: 'remove-mark', ...mark });
    assert.equal(await lab.ask(from, { verb: 'sees-mark', ...mark }), false);
    await two.remove(plan);
  });

  it('cannot be left where nothing is of the server', async () => {
    const { lab, from } = cloud();
    const server = randomUUID() as ServerId;
    await fails('not-found', lab.ask(from, { verb: 'mark-disks', server, mark: 'here' }));
  });
}

function diskLaws(cloud: () => TwoHosts): void {
  it('hold what the guest wrote; the image is not asked for; asked again, they stay', async (t) => {
    const two = cloud();
    if (two.lab.sharesDisks) return t.skip('disks that are shared do not move');
    const { lab, to } = two;
    const plan = two.plan({ configDrive: true });
    await two.boot(plan);
    const offer = await two.offer(plan, 'move');
    await fails('conflict', lab.ask(to, { verb: 'fetch-disks', plan, offer }));
    await lab.ask(two.from, { verb: 'shutdown', server: plan.serverId, timeoutMs: SHUTDOWN_MS });
    lab.setImagesLost(true);
    await lab.ask(to, { verb: 'fetch-disks', plan, offer });
    await lab.ask(to, { verb: 'fetch-disks', plan, offer });
    lab.setImagesLost(false);
    const decided = await two.startAt(to, plan, 2);
    assert.equal(decided, lab.hostSerials[1], "the definition is made anew, and says the new host's serial");
    await two.remove(plan);
  });

  it('are grown to the flavor of the plan, and never made smaller', async (t) => {
    const two = cloud();
    if (two.lab.sharesDisks) return t.skip('disks that are shared do not move');
    const { lab, to } = two;
    const plan = two.plan({ flavor: { rootGb: 2 } });
    await two.makeDisks(plan);
    const smaller = { ...plan, flavor: { ...plan.flavor, rootGb: 1 } };
    const offer = await two.offer(plan, 'move');
    const failure = await fails('invalid', lab.ask(to, { verb: 'fetch-disks', plan: smaller, offer }));
    assert.equal(failure.message, 'Resize error: Unable to resize disk down.');
    const larger = { ...plan, flavor: { ...plan.flavor, rootGb: 3 } };
    await lab.ask(to, { verb: 'fetch-disks', plan: larger, offer: await two.offer(plan, 'move') });
    await two.remove(plan);
  });

  it('that are not there cannot be fetched', async () => {
    const two = cloud();
    const plan = two.plan();
    const offer = await two.offer(plan, 'move');
    await fails('not-found', two.lab.ask(two.to, { verb: 'fetch-disks', plan, offer }));
    await two.remove(plan);
  });

  it('are given only to who has the key, and once', async (t) => {
    const two = cloud();
    if (two.lab.sharesDisks) return t.skip('disks that are shared do not move');
    const { lab, to } = two;
    const plan = two.plan();
    await two.makeDisks(plan);
    const offer = await two.offer(plan, 'move');
    const fetch = (changed: Partial<typeof offer>) =>
      lab.ask(to, { verb: 'fetch-disks', plan, offer: { ...offer, ...changed } });
    await fails('unavailable', fetch({ key: 'ab'.repeat(32) }));
    await fails('unavailable', fetch({ identity: randomUUID() }));
    await fetch({});
    await lab.ask(to, { verb: 'delete-disks', server: plan.serverId, set: 'all' });
    await fails('unavailable', fetch({}));
    await two.remove(plan);
  });

  it('are not there when the asker gave up, and can be fetched after it', async (t) => {
    const two = cloud();
    if (two.lab.sharesDisks) return t.skip('disks that are shared do not move');
    const { lab, to } = two;
    const plan = two.plan();
    await two.makeDisks(plan);
    const offer = await two.offer(plan, 'move');
    const givingUp = new AbortController();
    const fetching = lab.ask(to, { verb: 'fetch-disks', plan, offer }, givingUp.signal);
    givingUp.abort();
    await fails('timed-out', fetching);
    await lab.ask(to, { verb: 'remove-mark', server: plan.serverId, mark: 'none' }); // its turn comes after that of the fetch
    const left = (await lab.filesOf(to, plan.serverId)).filter((name) => name.startsWith(plan.diskSet));
    assert.deepEqual(left, []);
    await lab.ask(to, { verb: 'fetch-disks', plan, offer });
    await two.remove(plan);
  });
}

function liveLaws(cloud: () => TwoHosts): void {
  it('takes the running guest along with its serial, live and persistent; asked again, it has gone', async () => {
    const two = cloud();
    const { lab, from, to } = two;
    const plan = two.plan({ configDrive: true });
    const { serverId } = plan;
    await two.boot(plan);
    const own = lab.hostSerials[0];
    assert.equal(await lab.runningSerial(from, serverId), own);
    lab.setImagesLost(true);
    const destination = await two.prepare(plan);
    await two.migrate(plan, destination);
    await two.migrate(plan, destination);
    lab.setImagesLost(false);
    assert.equal(await two.power(from, plan), 'absent');
    assert.equal(await two.power(to, plan), 'running');
    assert.equal(await lab.runningSerial(to, serverId), own, 'live');
    assert.equal(await lab.definedSerial(to, serverId), own, 'persistent');
    assert.equal(await lab.definedSerial(from, serverId), undefined);

    if (!lab.sharesDisks) await lab.ask(from, { verb: 'delete-disks', server: serverId, set: 'all' });
    assert.deepEqual(await two.says(to, plan, 1), { serial: own, uuid: serverId });
    const log = await lab.ask(to, { verb: 'console-log', server: serverId, lines: null });
    assert.doesNotMatch(log, /boot=2/, 'the guest was not booted');
    assert.equal(await lab.ask(to, { verb: 'soft-reboot', server: serverId, timeoutMs: SHUTDOWN_MS }), true);
    assert.deepEqual(await two.says(to, plan, 2), { serial: own, uuid: serverId });
    await lab.ask(to, { verb: 'destroy', server: serverId });
    assert.equal(await two.startAt(to, plan, 3), lab.hostSerials[1], 'defined anew, it is decided anew');
    await two.remove(plan);
  });

  it('that is stopped leaves the guest where it was, and can be begun again', async () => {
    const two = cloud();
    const { lab, from, to } = two;
    const plan = two.plan();
    await two.boot(plan);
    const destination = await two.prepare(plan);
    const { serverId: server } = plan;
    assert.equal(await lab.ask(from, { verb: 'live-progress', server }), null);
    await lab.ask(from, { verb: 'abort-live', server });
    await lab.ask(from, { verb: 'force-live', server });
    assert.equal(await two.power(from, plan), 'running', 'nothing to stop or force, nothing done');
    lab.setSlow(true);
    const migrating = fails('timed-out', two.migrate(plan, destination));
    await two.begun(plan);
    await lab.ask(from, { verb: 'abort-live', server });
    await migrating;
    assert.equal(await two.power(from, plan), 'running');
    assert.equal(await two.power(to, plan), 'absent');
    assert.equal(await lab.definedSerial(from, server), lab.hostSerials[0]);

    const givingUp = new AbortController();
    const again = fails('timed-out', two.migrate(plan, destination, givingUp.signal));
    await two.begun(plan);
    givingUp.abort();
    await again;
    await lab.ask(from, { verb: 'remove-mark', server, mark: 'none' }); // its turn comes after that of the migration
    assert.equal(await two.power(from, plan), 'running');
    assert.equal(await two.power(to, plan), 'absent');
    lab.setSlow(false);
    await two.migrate(plan, destination);
    assert.equal(await two.power(to, plan), 'running');
    await two.remove(plan);
  });

  it('that is forced pauses the guest until it has gone; there it runs', async () => {
    const two = cloud();
    const { lab, from, to } = two;
    const plan = two.plan();
    await two.boot(plan);
    const destination = await two.prepare(plan);
    lab.setSlow(true);
    const migrating = two.migrate(plan, destination);
    await two.begun(plan);
    await lab.ask(from, { verb: 'force-live', server: plan.serverId });
    assert.notEqual(await two.power(from, plan), 'running');
    await migrating;
    lab.setSlow(false);
    assert.equal(await two.power(to, plan), 'running');
    assert.equal(await two.power(from, plan), 'absent');
    await two.remove(plan);
  });

  it('of a guest that is off is a conflict, and needs its disks at the destination', async (t) => {
    const two = cloud();
    const { lab, from, to } = two;
    const plan = two.plan();
    await two.makeDisks(plan);
    await lab.ask(from, { verb: 'define', plan, operation: randomUUID() as OperationId });
    await fails('conflict', two.migrate(plan, await two.prepare(plan)));
    await two.remove(plan);
    if (lab.sharesDisks) return t.skip('shared disks are at the destination, too');
    await fails('not-found', lab.ask(to, { verb: 'prepare-live', plan, disks: 'copied' }));
  });
}
