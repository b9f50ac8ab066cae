import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { writeLibvirtRpcPackage } from './libvirt-rpc/write-package.ts';

const folder = join(import.meta.dirname, '../.cache/libvirt-rpc');
await writeLibvirtRpcPackage(join(folder, 'package'));
const tarball = execFileSync('npm', ['pack', '--silent', '--pack-destination', folder], {
  cwd: join(folder, 'package'),
  encoding: 'utf8',
});
console.log(join(folder, tarball.trim()));
