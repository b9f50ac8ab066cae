import { resolve } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { ConfigSource } from '../config/files.ts';

/**
 * An option with a value. It refuses a value that begins with `--`, because that is the next option and the
 * value is missing. It also refuses an empty value, which usually comes from an unset shell variable, and as
 * a path would mean the current folder.
 */
export function valueOption(
  flags: string,
  description: string,
  parse: (value: string) => unknown = (value) => value,
): Option {
  return new Option(flags, description).argParser((value) => {
    if (value === '' || value.startsWith('--')) throw new InvalidArgumentError('A value is missing here.');
    return parse(value);
  });
}

/** Adds the options for the sources of the configuration. */
export function withConfig(command: Command): Command {
  const sources: ConfigSource[] = [];
  const add = (kind: ConfigSource['kind']) => (path: string) => {
    sources.push({ kind, path: resolve(path) });
    return sources;
  };
  const driver = valueOption(
    '--driver <driver>',
    'libvirt: real guests; simulated: none, for trying clients and for load (default: libvirt)',
  );
  // Only for completion: the configuration validates the value.
  driver.argChoices = ['libvirt', 'simulated'];
  return [
    valueOption(
      '--config-file <file>',
      "a file in nova.conf's format; may be given several times",
      add('file'),
    ),
    valueOption('--config-dir <dir>', 'a folder of such files, *.conf', add('directory')),
    valueOption('--state-dir <dir>', 'where all state is kept (default: $XDG_STATE_HOME/nameplate)'),
    valueOption('--listen <host:port>', 'where the APIs listen (default: 127.0.0.1:8774)'),
    driver,
  ].reduce((to, option) => to.addOption(option.helpGroup('Configuration:')), command);
}

/** Adds the common options of `db archive` and `db purge`, with nova-manage's names. */
export function withRows(command: Command, limit: string): Command {
  return withConfig(command)
    .addOption(
      valueOption(
        '--before <date>',
        'only rows last changed before then, such as 2026-01-31 or 2026-01-31T18:00',
      ),
    )
    .addOption(valueOption('--max-rows <n>', `the most rows that are removed (default: ${limit})`))
    .addOption(valueOption('--max_rows <n>', '').hideHelp())
    .option('--dry-run', 'print how many rows there are, and remove none')
    .option('--verbose', 'print the number of rows of each table');
}
