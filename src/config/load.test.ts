import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import fc from 'fast-check';
import { ConfigError } from './config-error.ts';
import { type Config, declaredGroups } from './declared.ts';
import type { ConfigSource } from './files.ts';
import { type LoadRequest, loadConfig } from './load.ts';
import type { Surroundings } from './surroundings.ts';

const folder = mkdtempSync(join(tmpdir(), 'nameplate-config-'));
after(() => rmSync(folder, { recursive: true }));

let count = 0;
function file(text: string | Buffer, name = `${++count}.conf`): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const surroundings: Surroundings = {
  environment: {},
  hostname: 'node-1',
  homeDirectory: '/home/ann',
  isRoot: false,
  ownAddress: '192.0.2.7',
  defaultConfigDirectory: join(folder, 'no-such-folder'),
};

interface Given extends Omit<LoadRequest, 'sources' | 'surroundings'> {
  readonly files?: readonly string[];
  readonly sources?: readonly ConfigSource[];
  readonly environment?: Record<string, string>;
}

function load({ files = [], sources, environment = {}, ...rest }: Given = {}) {
  const named = files.map((text) => ({ kind: 'file', path: file(text) }) as const);
  return loadConfig({ sources: sources ?? named, surroundings: { ...surroundings, environment }, ...rest });
}

function refusal(given: Given): string {
  try {
    load(given);
  } catch (thrown) {
    assert.ok(thrown instanceof ConfigError);
    return thrown.message.replaceAll(folder, '');
  }
  assert.fail('the configuration was accepted');
}

const serialOf = (given: Given) => load(given).config.libvirt.sysinfo_serial;

describe('loadConfig: which value wins', () => {
  it('the default, when nothing else is given', () => assert.equal(serialOf({}), 'auto'));

  it('a file', () => assert.equal(serialOf({ files: ['[libvirt]\nsysinfo_serial = unique'] }), 'unique'));

  it('the last line of a file, also in a section that is opened again', () => {
    const text =
      '[libvirt]\nsysinfo_serial = os\nsysinfo_serial = none\n[api]\n[LIBVIRT]\nsysinfo_serial = hardware';
    assert.equal(serialOf({ files: [text] }), 'hardware');
  });

  it('the last file', () => {
    const files = ['[libvirt]\nsysinfo_serial = os\nnetwork_name = a', '[libvirt]\nsysinfo_serial = none'];
    assert.equal(serialOf({ files }), 'none');
    assert.equal(load({ files }).config.libvirt.network_name, 'a');
  });

  it('the environment over files', () => {
    const files = ['[libvirt]\nsysinfo_serial = os'];
    assert.equal(serialOf({ files, environment: { OS_LIBVIRT__SYSINFO_SERIAL: 'none' } }), 'none');
    assert.equal(load({ environment: { OS_DEFAULT__HOST: 'h' } }).config.DEFAULT.host, 'h');
  });

  it('the command line over all', () => {
    const overrides = [{ group: 'libvirt', option: 'sysinfo_serial', text: 'unique', flag: '--serial' }];
    const environment = { OS_LIBVIRT__SYSINFO_SERIAL: 'none' };
    assert.equal(serialOf({ files: ['[libvirt]\nsysinfo_serial = os'], environment, overrides }), 'unique');
  });

  it('a value that is overruled may be wrong', () => {
    const files = ['[libvirt]\nsysinfo_serial = wrong\nsysinfo_serial = os'];
    assert.equal(serialOf({ files }), 'os');
  });
});

describe('loadConfig: files', () => {
  it('reads the *.conf of a folder by name, among files in the order given', () => {
    const directory = join(folder, 'conf.d');
    mkdirSync(directory);
    writeFileSync(join(directory, '20-b.conf'), '[libvirt]\nsysinfo_serial = hardware');
    writeFileSync(join(directory, '10-a.conf'), '[libvirt]\nsysinfo_serial = os\nnetwork_name = a');
    writeFileSync(join(directory, '.30-hidden.conf'), '[libvirt]\nsysinfo_serial = wrong');
    writeFileSync(join(directory, '30.conf.bak'), '[libvirt]\nsysinfo_serial = wrong');
    const single = { kind: 'file', path: file('[libvirt]\nsysinfo_serial = none') } as const;
    const many = { kind: 'directory', path: directory } as const;

    assert.equal(serialOf({ sources: [single, many] }), 'hardware');
    assert.equal(serialOf({ sources: [many, single] }), 'none');
    const { files, config } = load({ sources: [many] });
    assert.deepEqual(files, [join(directory, '10-a.conf'), join(directory, '20-b.conf')]);
    assert.equal(config.libvirt.network_name, 'a');
  });

  it('reads the default folder only when nothing is named', () => {
    const directory = join(folder, 'etc');
    mkdirSync(directory);
    writeFileSync(join(directory, 'nameplate.conf'), '[libvirt]\nsysinfo_serial = unique');
    const here = { ...surroundings, defaultConfigDirectory: directory };
    assert.equal(loadConfig({ surroundings: here }).config.libvirt.sysinfo_serial, 'unique');
    const named = [{ kind: 'file', path: file('') }] as const;
    assert.equal(loadConfig({ surroundings: here, sources: named }).config.libvirt.sysinfo_serial, 'auto');
  });

  it('takes a byte order mark at the start', () => {
    assert.equal(serialOf({ files: ['\ufeff[libvirt]\nsysinfo_serial = os'] }), 'os');
  });

  it('names every file that cannot be read, and why', () => {
    const binary = file(Buffer.from([0x5b, 0xff, 0x5d]), 'binary.conf');
    const sources: ConfigSource[] = [
      { kind: 'file', path: join(folder, 'missing.conf') },
      { kind: 'directory', path: join(folder, 'missing.d') },
      { kind: 'file', path: folder },
      { kind: 'directory', path: binary },
      { kind: 'file', path: binary },
    ];
    assert.deepEqual(refusal({ sources }).split('\n').sort(), [
      '/binary.conf: the file is not text in UTF-8, which is what is accepted',
      '/binary.conf: the folder cannot be read: it is not a folder; name a file with --config-file',
      '/missing.conf: the file cannot be read: it does not exist',
      '/missing.d: the folder cannot be read: it does not exist',
      ': the file cannot be read: it is a folder; name a folder with --config-dir',
    ]);
  });

  it('says when it may not read a file', {
    skip: process.getuid?.() === 0 && 'root may read everything',
  }, () => {
    const path = file('');
    chmodSync(path, 0);
    assert.match(refusal({ sources: [{ kind: 'file', path }] }), /this user may not read it/);
  });

  it('finds a file under ~', () => {
    const path = file('[libvirt]\nsysinfo_serial = os', 'home.conf');
    const here = { ...surroundings, homeDirectory: folder };
    const sources = [{ kind: 'file', path: '~/home.conf' }] as const;
    assert.deepEqual(loadConfig({ sources, surroundings: here }).files, [path]);
  });
});

describe('loadConfig: what is wrong', () => {
  it('a choice: names file, line, option, value and choices', () => {
    const text = '# c\n[libvirt]\nsysinfo_serial = Unique';
    assert.match(
      refusal({ sources: [{ kind: 'file', path: file(text, 'nova.conf') }] }),
      /^\/nova\.conf:3: \[libvirt\] sysinfo_serial = "Unique" is not accepted: .*the choices are none, os, hardware, auto, unique$/,
    );
  });

  it('a comment behind a value', () => {
    assert.match(
      refusal({ files: ['[libvirt]\nsysinfo_serial = unique  # x'] }),
      /:2: \[libvirt\] sysinfo_serial = "unique {2}# x" is not accepted: a comment must stand on a line of its own/,
    );
  });

  it('in the environment and on the command line, by its name there', () => {
    assert.match(
      refusal({ environment: { OS_QUOTA__CORES: 'x' } }),
      /^environment OS_QUOTA__CORES: \[quota\] cores = "x"/,
    );
    const overrides = [{ group: 'nameplate', option: 'listen', text: 'x', flag: '--listen' }];
    assert.match(
      refusal({ overrides }),
      /^command line --listen: \[nameplate\] listen = "x" is not accepted: accepted is/,
    );
  });

  it('everything at once, one line each', () => {
    const text = '[libvirt]\nsysinfo_serial = x\n[quota]\ncores = y\n[DEFAULT]\ndebug = maybe';
    const lines = refusal({ files: [text], environment: { OS_API__MAX_LIMIT: '0' } }).split('\n');
    assert.equal(lines.length, 4);
    for (const name of ['sysinfo_serial', 'cores', 'debug', 'max_limit']) {
      assert.equal(lines.filter((line) => line.includes(`] ${name} = `)).length, 1, name);
    }
  });

  it('an empty value, except where it may be unset', () => {
    assert.match(
      refusal({ files: ['[quota]\ncores ='] }),
      /cores = "" is not accepted: accepted is a whole number/,
    );
    assert.equal(load({ files: ['[libvirt]\nconnection_uri ='] }).config.libvirt.connection_uri, undefined);
  });

  it('never shows a secret', () => {
    const files = [
      '[database]\nconnection = mysql://ann:hunter2@h/$hunter3\n[bus]\nservers = nats://a:hunter4@h, x:hunter5',
    ];
    const message = refusal({ files });
    assert.doesNotMatch(message, /hunter/);
    assert.match(
      message,
      /:2: \[database\] connection has a value that is not accepted .*accepted is sqlite:/,
    );
    assert.match(message, /:4: \[bus\] servers has a value/);
  });

  it('options that do not fit together, at the line to change', () => {
    assert.match(
      refusal({ files: ['[libvirt]\ncpu_mode = custom'] }),
      /\[libvirt\] cpu_models must name a CPU model/,
    );
    assert.match(
      refusal({ files: ['[libvirt]\ncpu_models = EPYC'] }),
      /:2: \[libvirt\] cpu_models must be empty/,
    );
    assert.match(
      refusal({ files: ['[libvirt]\nnetwork_type = bridge'] }),
      /\[libvirt\] network_name must be set/,
    );
    assert.match(
      refusal({ files: ['[DEFAULT]\nreport_interval=60'] }),
      /service_down_time is 60 seconds: must be more/,
    );
    const fits = [
      '[libvirt]\ncpu_mode=custom\ncpu_models=EPYC, Haswell-noTSX\nnetwork_type=network\nnetwork_name=default',
    ];
    assert.deepEqual(load({ files: fits }).config.libvirt.cpu_models, ['EPYC', 'Haswell-noTSX']);
  });
});

describe('loadConfig: substitution', () => {
  it('goes on through what is filled in, in files, in defaults and in the environment', () => {
    const environment = { OS_DEFAULT__STATE_PATH: '/s/$host' };
    for (const { config } of [load({ files: ['[DEFAULT]\nstate_path = /s/$host'] }), load({ environment })]) {
      assert.equal(config.DEFAULT.instances_path, '/s/node-1/instances');
      assert.deepEqual(config.database.connection, { dialect: 'sqlite', path: '/s/node-1/nameplate.sqlite' });
    }
  });

  it('leaves alone what the machine says', () => {
    const environment = { XDG_STATE_HOME: '/x/$host' };
    assert.equal(load({ environment }).config.DEFAULT.state_path, '/x/$host/nameplate');
  });

  it('refuses a name that is no option, at its line', () => {
    const text = '[DEFAULT]\nhost = $nowhere';
    assert.match(
      refusal({ files: [text] }),
      /:2: \[DEFAULT\] host is not accepted: \$nowhere is not the name of an option/,
    );
  });
});

describe('loadConfig: what nothing reads', () => {
  const warnings = (given: Given) =>
    load(given).warnings.map(({ where, what }) => `${where.replace(/.*(?=:\d)/, '')} ${what}`);

  for (const [text, warning] of [
    [
      '[libvirt]\nsysinfo_seral = x',
      'nothing reads [libvirt] sysinfo_seral, it is ignored: did you mean sysinfo_serial?',
    ],
    [
      '[libvirt]\nsysinfo-serial = x',
      'nothing reads [libvirt] sysinfo-serial, it is ignored: it is written sysinfo_serial',
    ],
    [
      '[libvirt]\nSysinfo_Serial = x',
      'nothing reads [libvirt] Sysinfo_Serial, it is ignored: it is written sysinfo_serial',
    ],
    [
      '[DEFAULT]\nsysinfo_serial = x',
      'nothing reads [DEFAULT] sysinfo_serial, it is ignored: sysinfo_serial belongs to [libvirt]',
    ],
    ['[DEFAULT]\ncompute_driver = x', 'nothing reads [DEFAULT] compute_driver, it is ignored'],
    [
      '[default]\nhost = x',
      'nothing reads [default], it is ignored: this one section is written [DEFAULT], in capitals',
    ],
    ['[libvrt]\nsysinfo_serial = x', 'nothing reads [libvrt], it is ignored: did you mean [libvirt]?'],
    ['[neutron]\nurl = x', 'nothing reads [neutron], it is ignored'],
    ['[constructor]\nname = x', 'nothing reads [constructor], it is ignored'],
  ] as const) {
    it(text.replace('\n', ' '), () => assert.deepEqual(warnings({ files: [text] }), [`:2 ${warning}`]));
  }

  it('one warning for a whole section', () => {
    assert.equal(warnings({ files: ['[neutron]\na = 1\nb = 2\n[neutron]\nc = 3'] }).length, 1);
  });

  it('a variable of the environment', () => {
    assert.deepEqual(
      warnings({ environment: { OS_LIBVIRT__SYSINFO_SERAL: 'x', OS_AUTH_URL: 'x', OS_OTHER__X: 'x' } }),
      [
        'environment OS_LIBVIRT__SYSINFO_SERAL nothing reads [libvirt] SYSINFO_SERAL, it is ignored: did you mean sysinfo_serial?',
      ],
    );
  });

  it('takes no such value', () => {
    assert.deepEqual(
      load({ files: ['[libvirt]\nsysinfo-serial = x\n[default]\nhost = y'] }).config,
      load().config,
    );
  });
});

describe('the declared options', () => {
  it('have defaults of their own type, on any machine', () => {
    fc.assert(
      fc.property(
        fc.boolean(),
        fc.option(fc.constantFrom('', 'relative', '/x'), { nil: undefined }),
        (isRoot, xdg) => {
          const here = { ...surroundings, isRoot, environment: { XDG_STATE_HOME: xdg } };
          const { config, warnings } = loadConfig({ surroundings: here });
          const expected =
            xdg === '/x'
              ? '/x/nameplate'
              : isRoot
                ? '/var/lib/nameplate'
                : '/home/ann/.local/state/nameplate';
          assert.equal(config.DEFAULT.state_path, expected);
          assert.deepEqual(warnings, []);
        },
      ),
    );
  });

  it('keep the defaults of the specification and of Nova', () => {
    const { config } = load();
    assert.equal(config.libvirt.sysinfo_serial, 'auto');
    assert.equal(config.libvirt.wait_soft_reboot_seconds, 120);
    assert.equal(config.DEFAULT.shutdown_timeout, 60);
    assert.equal(config.api.max_limit, 1000);
    assert.equal(config.quota.ram, 51_200);
  });

  it('have names that a file can hold, and help', () => {
    for (const [group, { help, options }] of Object.entries(declaredGroups)) {
      assert.match(group, /^(DEFAULT|[a-z_]+)$/);
      assert.match(help, /\.$/);
      for (const [name, option] of Object.entries(options)) {
        assert.match(name, /^[a-z][a-z0-9_]*$/);
        assert.match(option.help, /^[A-Zv].*\.$/s, name);
      }
    }
  });

  it('give types: a choice is its words, an option that may be unset says so', () => {
    const { libvirt, DEFAULT }: Config = load().config;
    const serial: 'none' | 'os' | 'hardware' | 'auto' | 'unique' = libvirt.sysinfo_serial;
    const name: string | undefined = libvirt.network_name;
    const timeout: number = DEFAULT.shutdown_timeout;
    // @ts-expect-error: it may be unset
    const wrong: string = libvirt.network_name;
    assert.deepEqual([serial, name, timeout, wrong], ['auto', undefined, 60, undefined]);
  });
});

describe('loadConfig: any text', () => {
  it('throws nothing but a ConfigError', () => {
    const names = Object.entries(declaredGroups).flatMap(([group, { options }]) =>
      Object.keys(options).map((name) => `\n[${group}]\n${name} = `),
    );
    const piece = fc.oneof(
      fc.constantFrom(...names, '$', '${', '}', '\n', ' ', '$host', '$$', '\\$'),
      fc.string({ unit: 'binary', maxLength: 6 }),
    );
    const path = file('', 'any.conf');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        writeFileSync(path, pieces.join(''));
        try {
          load({ sources: [{ kind: 'file', path }] });
        } catch (thrown) {
          assert.ok(thrown instanceof ConfigError, String(thrown));
          assert.equal(thrown.message.split('\n').length, thrown.problems.length);
        }
      }),
      { numRuns: 300 },
    );
  });
});
