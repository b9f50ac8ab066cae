import assert from 'node:assert/strict';
import { test } from 'node:test';
import { excessRights, type GuestRights } from './guest-rights.ts';

const good: GuestRights = {
  qemuUser: { uid: 64055, gid: 108 },
  runAs: null,
  agent: 0,
  instancesDir: '/var/lib/nameplate/instances',
  qemuConf: '# user = "root"\n#seccomp_sandbox = 0\n# namespaces = [ ]\nuser = "libvirt-qemu"\n',
};

test("nothing is said of guests that run as QEMU's own user, confined as libvirt does by default", () => {
  assert.deepEqual(excessRights(good), []);
});

for (const [what, changes, words] of [
  [
    'a state directory that QEMU cannot reach',
    { runAs: '+0:+0' },
    /^guests run as root: .* cannot reach \/var\/lib/,
  ],
  ['a qemu.conf that says root', { qemuUser: { uid: 0, gid: 0 } }, /^guests run as root: .*qemu\.conf/],
  ['a libvirt without DAC', { qemuUser: null }, /^guests run as libvirt's own user: .*security_driver/],
  ['a session daemon', { agent: 1000, qemuUser: null }, /^guests run as the agent's own user \(1000\)/],
  ['no seccomp filter', { qemuConf: 'seccomp_sandbox = 0\n' }, /has seccomp_sandbox = 0/],
  ['no mount namespaces', { qemuConf: 'x = 1\n namespaces = [ ]\n' }, /has namespaces = \[\]/],
] satisfies [string, Partial<GuestRights>, RegExp][])
  test(`of guests with ${what} one sentence says so, with the reason`, () => {
    const said = excessRights({ ...good, ...changes });
    assert.equal(said.length, 1, said.join('\n'));
    assert.match(said[0] ?? '', words);
  });
