import { Command, CommanderError } from 'commander';
import packageJson from '../../package.json' with { type: 'json' };
import { Failure } from '../model/failure.ts';
import { addCommands, type Work } from './commands.ts';
import { completion, SHELLS } from './completion.ts';
import type { Terminal } from './terminal.ts';

/** A command with its arguments, ready to run. */
export interface Invocation {
  /** The command without its arguments: `db purge`. */
  readonly command: string;
  /** @returns what the command returns: a number is its exit status */
  run(terminal: Terminal): Promise<unknown>;
}

/**
 * Parses the command line. Pure, except that paths are resolved against the current folder.
 * @param words without the name of the program
 * @throws {Failure} `invalid`, with the unknown word and the nearest option or command
 */
export function parseCommandLine(words: readonly string[]): Invocation {
  let chosen: Invocation | undefined;
  let printed = '';
  const program = nameplate((command, work) => {
    chosen = { command: pathOf(command), run: (terminal) => work(command, terminal) };
  });
  configure(program, (text) => {
    printed += text;
  });
  try {
    program.parse(withDefault(words), { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode !== 0) throw new Failure('invalid', sentenceOf(error, program, words));
    return { command: 'help', run: async (terminal) => terminal.out(printed) };
  }
  if (chosen === undefined) throw new Failure('internal', 'commander chose no command');
  return chosen;
}

/** Builds the table of commands. `choose` is called with the command that the words name. */
function nameplate(choose: (command: Command, work: Work) => void): Command {
  const program = new Command('nameplate')
    .usage('[COMMAND] [OPTIONS]')
    .version(`nameplate ${packageJson.version}`, '-v, --version')
    .addHelpText(
      'after',
      '\nEvery option of the configuration is in docs/configuration.md, the way to many hosts in docs/many-hosts.md.',
    );
  const doing =
    (work: Work) =>
    (...given: unknown[]) =>
      choose(given.at(-1) as Command, work);
  addCommands(program, doing);
  program
    .command('completion')
    .argument('<shell>', SHELLS.join(' or '))
    .description('print a script that completes commands and options in a shell')
    .addHelpText(
      'after',
      '\nFor bash: source <(nameplate completion bash)\nFor zsh:  source <(nameplate completion zsh)',
    )
    .action(doing(async ({ args: [shell = ''] }, { out }) => out(completion(shell, program))));
  return program;
}

/** Keeps commander from printing and from ending the process, in every command. */
function configure(command: Command, print: (text: string) => void): void {
  command.exitOverride().configureOutput({ writeOut: print, writeErr: () => {}, outputError: () => {} });
  command.helpOption('-h, --help', 'print this text');
  for (const each of command.commands) configure(each, print);
}

/** Options without a command belong to `start`. */
function withDefault(words: readonly string[]): string[] {
  const [first, ...rest] = words;
  // commander's own `help` accepts only one word: `help db purge` would show the help of `db`.
  if (first === 'help' && rest.length > 1) return [...rest, '--help'];
  const isStart = first === undefined || (first.startsWith('-') && !/^(-h|--help|-v|--version)$/.test(first));
  return isStart ? ['start', ...words] : [...words];
}

function sentenceOf(error: CommanderError, program: Command, words: readonly string[]): string {
  const said = error.message.replace(/^error: /, '').replaceAll('\n', ' ');
  const group = program.commands.find((command) => command.name() === words[0]) ?? program;
  const accepted = group.commands.map((command) => command.name()).join(', ');
  if (error.code === 'commander.unknownCommand') return `${said}; accepted is: ${accepted}`;
  // commander has no error text for a group without a command.
  return error.code === 'commander.help' ? `nameplate ${pathOf(group)} needs one of: ${accepted}` : said;
}

/** `db purge` for `nameplate db purge`. */
function pathOf(command: Command): string {
  const above = command.parent === null ? '' : pathOf(command.parent);
  return command.parent === null ? '' : `${above} ${command.name()}`.trim();
}
