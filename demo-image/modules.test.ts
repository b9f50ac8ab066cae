import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it, type TestContext } from 'node:test';
import { modulesInLoadOrder } from './modules.ts';

/** A directory like that of a kernel package: each module's file says what it depends on. */
function kernelPackage(t: TestContext, modules: Record<string, string>): string {
  const directory = mkdtempSync(join(tmpdir(), 'nameplate-modules-'));
  t.after(() => rmSync(directory, { recursive: true }));
  mkdirSync(join(directory, 'kernel/drivers'), { recursive: true });
  writeFileSync(join(directory, 'modules.builtin'), 'kernel/drivers/built-in.ko\n');
  for (const [name, needs] of Object.entries(modules)) {
    writeFileSync(
      join(directory, 'kernel/drivers', `${name}.ko`),
      `\x7fELF\0license=GPL\0depends=${needs}\0`,
    );
  }
  return directory;
}

it('puts each module after all that it needs, once', async (t) => {
  const directory = kernelPackage(t, {
    disk: 'bus,ring',
    bus: 'ring',
    ring: 'built_in',
    net: 'bus',
    'fail-over': '',
  });
  const modules = await modulesInLoadOrder(directory, ['disk', 'net', 'built_in', 'fail_over']);
  assert.deepEqual(
    modules.map(({ name }) => name),
    ['ring', 'bus', 'disk', 'net', 'fail_over'],
  );
});

it('refuses a module that is neither there nor built in, by name', async (t) => {
  const directory = kernelPackage(t, { disk: 'gone' });
  await assert.rejects(modulesInLoadOrder(directory, ['disk']), { name: 'Failure', message: /"gone"/ });
});
