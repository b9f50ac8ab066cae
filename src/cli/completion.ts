import type { Command, Option } from 'commander';
import { Failure } from '../model/failure.ts';

const RENDER = { bash, zsh } as const;

export const SHELLS = Object.keys(RENDER);

/**
 * A shell script that completes commands and options, generated from the table of commands.
 * @throws {Failure} `invalid` on an unsupported shell
 */
export function completion(shell: string, program: Command): string {
  if (!Object.hasOwn(RENDER, shell))
    throw new Failure(
      'invalid',
      `nameplate completion ${shell.slice(0, 40)}: accepted is ${SHELLS.join(', ')}`,
    );
  return RENDER[shell as keyof typeof RENDER](program);
}

interface Place {
  /** ` db purge`; empty for the program itself. */
  readonly path: string;
  readonly command: Command;
  readonly options: readonly Option[];
}

/** All commands, the program itself first. */
function placesOf(command: Command, path = ''): Place[] {
  const help = command.createHelp();
  const options = help.visibleOptions(command);
  const below = command.commands.flatMap((each) => placesOf(each, `${path} ${each.name()}`));
  return [{ path, command, options }, ...below];
}

/** A case pattern with the paths of all commands, by which the script finds the current one. */
function pathPattern(places: readonly Place[]): string {
  return places.flatMap(({ path }) => (path === '' ? [] : [`'${path}'`])).join(' | ');
}

function bash(program: Command): string {
  const places = placesOf(program);
  const choices = new Map(
    places
      .flatMap(({ options }) => options)
      .flatMap((option) => (option.argChoices ? [[option.long, option.argChoices.join(' ')] as const] : [])),
  );
  const takesValue = new Set(
    places.flatMap(({ options }) => options).flatMap((option) => (option.required ? [option.long] : [])),
  );
  const words = places.map(
    ({ path, command, options }) =>
      `    '${path}') words='${[...command.commands.map((each) => each.name()), ...options.map(({ long }) => long)].join(' ')}' ;;`,
  );
  return `# Completes nameplate's commands and options in bash.
_nameplate() {
  local word where='' words='' current=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD - 1]}
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$where $word" in ${pathPattern(places)}) where="$where $word" ;; esac
  done
  case $before in
${[...choices].map(([long, accepted]) => `    ${long}) COMPREPLY=($(compgen -W '${accepted}' -- "$current")); return ;;`).join('\n')}
    ${[...takesValue].filter((long) => !choices.has(long ?? '')).join(' | ')}) COMPREPLY=(); return ;;
  esac
  case $where in
${words.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _nameplate nameplate
`;
}

function zsh(program: Command): string {
  const places = placesOf(program);
  const cases = places.map(({ path, command, options }) => {
    const commands = command.commands.map((each) => quoted(`${each.name()}:${each.description()}`));
    const describe = commands.length === 0 ? '' : `found=(${commands.join(' ')}); _describe command found; `;
    return `    '${path}') ${describe}_arguments ${options.map(zshOption).join(' ')} '*: :' ;;`;
  });
  return `#compdef nameplate
# Completes nameplate's commands and options in zsh.
_nameplate() {
  local word where=''
  local -a found
  for word in "\${(@)words[2,CURRENT-1]}"; do
    case "$where $word" in ${pathPattern(places)}) where="$where $word" ;; esac
  done
  case $where in
${cases.join('\n')}
  esac
}
compdef _nameplate nameplate
`;
}

function zshOption({ long, description, required, argChoices }: Option): string {
  const about = `[${description.replaceAll(/[[\]:]/g, '\\$&')}]`;
  if (!required) return quoted(`${long}${about}`);
  return quoted(`${long}=${about}:value:${argChoices ? `(${argChoices.join(' ')})` : '_files'}`);
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
