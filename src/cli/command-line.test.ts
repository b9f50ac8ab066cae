import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import { parseCommandLine } from './command-line.ts';

const run = promisify(execFile);

/** Runs a command that only prints. */
async function printed(...words: string[]): Promise<string> {
  let text = '';
  const out = (more: string) => {
    text += more;
  };
  await parseCommandLine(words).run({ out, err: out });
  return text;
}

/** What bash offers for the last of these words. */
async function offered(...words: string[]): Promise<string[]> {
  const script = `${await printed('completion', 'bash')}
    COMP_WORDS=(nameplate "$@") COMP_CWORD=$#
    _nameplate && printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout } = await run('bash', ['-c', script, 'bash', ...words]);
  return stdout.split('\n').filter((line) => line !== '');
}

const COMMANDS = [
  ...['start', 'serve', 'agent', 'bus init', 'host add', 'host remove', 'host list'],
  ...['db archive', 'db purge', 'completion'],
];

describe('the command line', () => {
  it('refuses an empty value: as a path it would be the current folder', () => {
    for (const words of [
      ['bus', 'init', '--dir', ''],
      ['db', 'restore', '--from='],
      ['db', 'backup', '--to', ''],
    ])
      assert.throws(
        () => parseCommandLine(words),
        { kind: 'invalid', message: /value is missing/ },
        words.join(' '),
      );
  });

  it('prints the help of a command in a group, however it is asked for', async () => {
    const help = await printed('db', 'purge', '--help');
    assert.equal(await printed('help', 'db', 'purge'), help);
    assert.equal(await printed('db', 'help', 'purge'), help);
  });

  it('names the nearest option or command, and what is accepted', () => {
    const refusals: readonly (readonly [words: string, says: RegExp])[] = [
      ['stat', /unknown command 'stat' \(Did you mean start\?\); accepted is: start, serve, agent, bus/],
      [
        'db prge',
        /unknown command 'prge' \(Did you mean purge\?\); accepted is: backup, restore, confirm-restore, archive, purge/,
      ],
      ['db', /nameplate db needs one of: backup, restore, confirm-restore, archive, purge/],
      ['start --lisen x', /unknown option '--lisen' \(Did you mean --listen\?\)/],
      ['--drver simulated', /unknown option '--drver' \(Did you mean --driver\?\)/],
      ['host add h1', /required option '--dir <dir>' not specified/],
      ['host add --dir x', /missing required argument 'name'/],
      ['host add h1 h2 --dir x', /Expected 1 argument but got 2: h1, h2/],
      ['db archive --to --dry-run', /'--to <file>' argument '--dry-run' is invalid/],
      ['start --driver', /'--driver <driver>' argument missing/],
      ['start serve', /too many arguments for 'start'/],
    ];
    for (const [words, operatorText] of refusals)
      assert.throws(() => parseCommandLine(words.split(' ')), { kind: 'invalid', operatorText });
  });

  it('prints help for each command and group with --help and with help, and runs nothing', async () => {
    for (const command of [...COMMANDS, 'bus', 'host', 'db']) {
      const invocation = parseCommandLine([...command.split(' '), '--help']);
      assert.equal(invocation.command, 'help');
      assert.match(
        await printed(...command.split(' '), '--help'),
        new RegExp(`^Usage: nameplate ${command}`),
      );
    }
    assert.match(await printed('help', 'db'), /^Usage: nameplate db/);
    assert.match(await printed('-h'), /serve .*docs\/configuration\.md/s);
  });

  it('takes options without a command as those of start', () => {
    for (const words of [[], ['--driver', 'simulated'], ['start', '--driver=simulated']])
      assert.equal(parseCommandLine(words).command, 'start');
  });

  it('completes commands, options and values in bash', async () => {
    assert.deepEqual(await offered('st'), ['start']);
    assert.deepEqual(await offered('db', ''), [
      'backup',
      'restore',
      'confirm-restore',
      'archive',
      'purge',
      '--help',
    ]);
    assert.deepEqual(await offered('db', 'purge', '--before', '2026-01-31', '--dr'), [
      '--driver',
      '--dry-run',
    ]);
    assert.deepEqual(await offered('start', '--driver', ''), ['libvirt', 'simulated']);
    assert.deepEqual(await offered('start', '--config-file', ''), []);
    for (const command of COMMANDS) {
      const words = command.split(' ');
      const begunWith = (await offered(...words)).filter((each) => each !== 'server'); // begins like serve
      assert.deepEqual(begunWith, [words.at(-1)]);
    }
  });

  it('writes every command and option that bash completes into the script for zsh', async () => {
    const zsh = await printed('completion', 'zsh');
    for (const command of COMMANDS) {
      assert.ok(zsh.includes(`' ${command}')`), command);
      for (const option of await offered(...command.split(' '), '--'))
        assert.match(zsh, new RegExp(`' ${command}'\\) .*'${option}[[=]`));
    }
  });
});
