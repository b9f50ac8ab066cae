import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { UriError } from './errors.ts';
import { parseUri } from './uri.ts';

const unix = (...paths: string[]) => paths.map((path) => ({ kind: 'unix', path }));
const tcp = (host: string, port: number) => [{ kind: 'tcp', host, port }];

describe('connection URIs', () => {
  const session = { XDG_RUNTIME_DIR: '/run/user/7', HOME: '/home/x' };
  for (const [uri, name, endpoints] of [
    ['qemu:///system', 'qemu:///system', unix('/run/libvirt/libvirt-sock', '/run/libvirt/virtqemud-sock')],
    [
      'qemu:///session',
      'qemu:///session',
      unix('/run/user/7/libvirt/libvirt-sock', '/run/user/7/libvirt/virtqemud-sock'),
    ],
    ['qemu+unix:///system?socket=/a/b.sock', 'qemu:///system', unix('/a/b.sock')],
    ['qemu+unix:///system?socket=/a%20b', 'qemu:///system', unix('/a b')],
    ['qemu+unix:///system?socket=/a&name=qemu:///session', 'qemu:///session', unix('/a')],
    ['qemu+tcp://h1/system', 'qemu:///system', tcp('h1', 16509)],
    ['qemu+tcp://10.0.0.1:99/system', 'qemu:///system', tcp('10.0.0.1', 99)],
    ['qemu+tcp://[fe80::1]:99/system', 'qemu:///system', tcp('fe80::1', 99)],
    ['test:///default', 'test:///default', unix('/run/libvirt/libvirt-sock')],
    ['test+unix:///default?socket=/s', 'test:///default', unix('/s')],
  ] as const)
    it(uri, () => assert.deepEqual(parseUri(uri, session), { uri, name, endpoints }));

  it('a session without a runtime folder has its socket in the cache folder', () => {
    const paths = (environment: NodeJS.ProcessEnv) => parseUri('qemu:///session', environment).endpoints[0];
    assert.deepEqual(paths({ HOME: '/h' }), unix('/h/.cache/libvirt/libvirt-sock')[0]);
    assert.deepEqual(paths({ HOME: '/h', XDG_CACHE_HOME: '/c' }), unix('/c/libvirt/libvirt-sock')[0]);
  });

  for (const [uri, message] of [
    ['', /not a connection URI/],
    ['qemu', /not a connection URI/],
    ['xen:///system', /driver 'xen'; accepted: qemu, test/],
    ['qemu:///', /path '\/'; accepted: \/system, \/session/],
    ['qemu:///System', /accepted: \/system, \/session/],
    ['test:///some/file.xml', /accepted: \/default/],
    ['qemu+ssh://h/system', /transport 'ssh'; accepted: unix, tcp/],
    ['qemu+tls://h/system', /transport 'tls'/],
    ['qemu://h/system', /host 'h' without a transport/],
    ['qemu+tcp:///system', /host ''/],
    ['qemu+tcp://h:0/system', /host 'h:0'/],
    ['qemu+tcp://h:70000/system', /host 'h:70000'/],
    ['qemu+tcp://u@h/system', /host 'u@h'/],
    ['qemu+tcp://h/system?socket=/a', /'socket', which is for \+unix/],
    ['qemu+unix:///system?socket=rel', /socket 'rel'; accepted: an absolute path/],
    ['qemu+unix:///system?socket=', /socket ''/],
    ['qemu:///system?mode=direct', /parameter 'mode'; accepted: socket, name/],
  ] as const)
    it(`refuses '${uri}'`, () =>
      assert.throws(
        () => parseUri(uri, session),
        (error) => error instanceof UriError && message.test(error.message),
      ));
});
