import assert from 'node:assert/strict';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { makeStateDir, removeStateDir } from '../lab/service.ts';
import { boundariesBack, boundariesForward, DEATHS, type Death } from './deaths.ts';
import { Trial } from './trial.ts';

const GOOD = '0123abcd456789ef0123456789abcdef\n';

describe('the process killed with SIGKILL at every step boundary, and started again', () => {
  let stateDir: string;
  let trial: Trial;
  const machineId = (content: string) => writeFile(join(stateDir, 'machine-id'), content);

  before(async () => {
    stateDir = await makeStateDir();
    await machineId(GOOD);
    trial = new Trial({
      stateDir,
      settings: {
        nameplate: { driver: 'simulated', machine_id_file: join(stateDir, 'machine-id') },
        libvirt: { sysinfo_serial: 'os' },
        // The host says what its machine-id is when it starts, and not again: so operations are begun that it
        // then refuses.
        DEFAULT: { report_interval: '3600', service_down_time: '7200' },
      },
      async leftOf(server) {
        const files = await readdir(join(stateDir, 'instances'));
        const ports = await readdir(join(stateDir, 'ports')); // one server is there at a time
        return [...files.filter((name) => name.startsWith(server)), ...ports];
      },
    });
  });
  after(async () => {
    try {
      await trial.close();
    } finally {
      await removeStateDir(stateDir);
    }
  });

  for (const death of DEATHS)
    describe(`${death.kind} goes on to its end`, () => {
      for (const order of boundariesForward(death.kind))
        it(order.boundary, async () => {
          const id = await trial.dieAndRise(death, order, { status: death.request[1] });
          await trial.verifyCleanSlate(id);
        });
    });

  /** Operations that the host refuses: it cannot give the serial that they need. */
  const refused: readonly Death['kind'][] = [
    'create-server',
    'rebuild-server',
    'resize-server',
    'hard-reboot-server',
  ];
  for (const death of DEATHS.filter(({ kind }) => refused.includes(kind)))
    describe(`${death.kind} goes back to where it began`, () => {
      for (const order of boundariesBack(death.kind, 'define'))
        it(order.boundary, async () => {
          const status = death.kind === 'create-server' ? 'ERROR' : 'ACTIVE';
          await trial.restart();
          const id = await trial.dieAndRise(death, order, { status, around: () => machineId('broken\n') });
          const { fault } = await (await trial.client()).show(id);
          if (status === 'ERROR') {
            assert.equal(fault?.message, "The compute host cannot give the guest the host's serial.");
            assert.match(fault.details ?? '', /machine-id holds 'broken'/);
          } else {
            await machineId(GOOD);
            await (await trial.client()).act(id, { reboot: { type: 'HARD' } }, 'ACTIVE');
          }
          await machineId(GOOD);
          await trial.verifyCleanSlate(id);
        });
    });
});
