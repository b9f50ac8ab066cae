import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  absolutePath,
  boolean,
  choice,
  databaseAddress,
  dictionary,
  float,
  integer,
  ipAddress,
  list,
  listenAddress,
  type OptionType,
  port,
  text,
  uri,
} from './types.ts';

function accepts<Value>(type: OptionType<Value>, examples: readonly (readonly [string, Value])[]): void {
  for (const [written, value] of examples)
    assert.deepEqual(type.parse(written), { value }, JSON.stringify(written));
}

function refuses(type: OptionType<unknown>, examples: readonly string[], why: RegExp): void {
  for (const written of examples) {
    const parsed = type.parse(written);
    assert.ok('refused' in parsed, `${JSON.stringify(written)} was accepted`);
    assert.match(parsed.refused, why, JSON.stringify(written));
  }
}

const serial = choice({ none: 'a', os: 'b', hardware: 'c', auto: 'd', unique: 'e' });

describe('types of options', () => {
  it('choice: exactly the words', () => {
    accepts(serial, [
      ['none', 'none'],
      ['unique', 'unique'],
    ]);
    const all = /the choices are none, os, hardware, auto, unique$/;
    refuses(serial, ['', 'Unique', ' unique', 'uniq', 'unique  # x', 'constructor'], all);
    refuses(serial, ['Unique', 'UNIQUE', 'unique '], /^case and spaces matter, 'unique' would be accepted; /);
    refuses(serial, ['unique  # x', 'unique ; x'], /^a comment must stand on a line of its own; /);
  });

  it("boolean: oslo.config's eight words in any case, and not the other four of extra specs", () => {
    accepts(boolean(), [
      ...['true', 'TRUE', '1', 'On', 'yes'].map((word) => [word, true] as const),
      ...['false', '0', 'oFF', 'no', 'No'].map((word) => [word, false] as const),
    ]);
    refuses(
      boolean(),
      ['t', 'y', 'f', 'n', '', ' true', '2', 'yes # x'],
      /accepted is true, 1, on, yes or false, 0, off, no/,
    );
  });

  it('integer: what Python reads, within limits that are included', () => {
    accepts(integer({ min: -1, max: 10 }), [
      ['-1', -1],
      [' 10 ', 10],
      ['+3', 3],
      ['007', 7],
      ['1_0', 10],
    ]);
    refuses(
      integer({ min: -1, max: 10 }),
      ['', '-2', '11', '1.0', '1e1', '0x1', '_1', '1__0', 'ten'],
      /accepted is a whole number from -1 up to 10$/,
    );
    refuses(integer(), ['9007199254740993'], /accepted is a whole number$/);
  });

  it('port: 0 up to 65535', () => {
    accepts(port(), [
      ['0', 0],
      ['65535', 65_535],
    ]);
    refuses(port(), ['-1', '65536', 'http'], /from 0 up to 65535/);
  });

  it('float: finite', () => {
    accepts(float({ min: 0.5 }), [
      ['0.5', 0.5],
      ['16', 16],
      ['.75', 0.75],
      ['1e2', 100],
      ['2.', 2],
    ]);
    refuses(
      float({ min: 0.5 }),
      ['0.4', '', 'inf', 'nan', '1,5', '1e999', 'e1', '.'],
      /accepted is a number from 0.5$/,
    );
  });

  it('list: divided by commas, trimmed; commas at the end dropped', () => {
    accepts<readonly string[]>(list(text()), [
      ['', []],
      [' ', []],
      ['a', ['a']],
      ['a, b ,c', ['a', 'b', 'c']],
      ['a,b,,', ['a', 'b']],
      ['a,\nb', ['a', 'b']],
      [',a', ['', 'a']],
    ]);
    refuses(list(serial), ['os,uniq'], /^item 'uniq': the choices are/);
  });

  it('dictionary: each key once', () => {
    const type = dictionary(integer());
    assert.deepEqual(type.parse(''), { value: new Map() });
    assert.deepEqual(type.parse('a:1, b : 2'), {
      value: new Map([
        ['a', 1],
        ['b', 2],
      ]),
    });
    refuses(type, ['a', 'a:1,', ':1'], /is not key:value/);
    refuses(type, ['a:1,a:2'], /key 'a' stands twice/);
    refuses(type, ['a:x'], /^value of 'a': accepted is a whole number/);
  });

  it('uri: only its schemes', () => {
    const libvirt = uri(['qemu', 'qemu+unix'], 'qemu:///system');
    accepts(libvirt, [
      ['qemu:///system', 'qemu:///system'],
      ['qemu+unix:///system?socket=/run/x', 'qemu+unix:///system?socket=/run/x'],
    ]);
    refuses(
      libvirt,
      ['', 'qemu', 'qemu+ssh://h/system', 'xen:///', 'qemu:///a b'],
      /scheme is one of qemu, qemu\+unix, like qemu:\/\/\/system/,
    );
    accepts(uri(['http'], 'x'), [['http://h:1/p//', 'http://h:1/p']]);
  });

  it('absolute path', () => {
    accepts(absolutePath(), [
      ['/', '/'],
      ['/a/b/', '/a/b'],
      ['/a b', '/a b'],
    ]);
    refuses(absolutePath(), ['', 'a', './a', '~/a', '/a\0', '/a\n/b'], /begins with '\/'/);
  });

  it('IP address', () => {
    accepts(ipAddress(), [
      ['192.0.2.1', '192.0.2.1'],
      ['::1', '::1'],
    ]);
    refuses(ipAddress(), ['', 'localhost', '192.0.2', '192.0.2.256', '[::1]'], /IPv4 or IPv6/);
  });

  it('listen address', () => {
    accepts(listenAddress(), [
      ['127.0.0.1:8774', { host: '127.0.0.1', port: 8774 }],
      ['[::1]:0', { host: '::1', port: 0 }],
      ['localhost:65535', { host: 'localhost', port: 65_535 }],
    ]);
    refuses(
      listenAddress(),
      ['', '8774', ':8774', 'h:', '::1:80', '[h]:80', 'h:65536', 'h:1/x', 'http://h:1'],
      /^accepted is HOST:PORT/,
    );
  });

  it('database address', () => {
    accepts(databaseAddress(), [
      ['sqlite://', { dialect: 'sqlite', path: ':memory:' }],
      ['sqlite:////a/b.sqlite', { dialect: 'sqlite', path: '/a/b.sqlite' }],
      ['postgresql://u:p@h:5432/d', { dialect: 'postgresql', url: 'postgresql://u:p@h:5432/d' }],
      ['postgresql+psycopg2://u:p@h/d', { dialect: 'postgresql', url: 'postgresql+psycopg2://u:p@h/d' }],
    ]);
    refuses(
      databaseAddress(),
      ['', 'sqlite:///a.sqlite', 'sqlite:/a', 'mysql+pymysql://u:p@h/d', 'postgresql:', '/a'],
      /^accepted is sqlite:/,
    );
  });
});
