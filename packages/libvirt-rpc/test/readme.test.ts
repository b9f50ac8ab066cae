import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { it } from 'node:test';
import { libvirtHostObstacle, startLibvirtHost } from '../../../test/lab/libvirt-host.ts';

it("the README's example works as it stands", { skip: libvirtHostObstacle() ?? false }, async (t) => {
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
  const code = /```ts\n(.*?)```/s.exec(readme)?.[1];
  assert.ok(code !== undefined);
  const host = await startLibvirtHost({ name: 'readme' });
  t.after(() => host.stop());
  const path = join(host.shared, 'example.ts');
  await writeFile(
    path,
    code.replace("'libvirt-rpc'", `'${new URL('../src/index.ts', import.meta.url).href}'`),
  );
  const { stdout } = await host.exec(process.execPath, [path]);
  assert.match(stdout, /^libvirt \d+n on readme\nevent \d 0\nrunning: true\ngone: true\n$/);
});
