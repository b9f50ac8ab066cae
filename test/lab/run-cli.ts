import { parseCommandLine } from '../../src/cli/command-line.ts';

/** Runs a command on the database of a state directory. @returns its exit status, and what it prints */
export async function runCli(words: readonly string[], stateDir: string) {
  let said = '';
  const out = (text: string) => {
    said += text;
  };
  const invocation = parseCommandLine([...words, '--state-dir', stateDir]);
  return { status: await invocation.run({ out, err: (line) => out(`${line}\n`) }), said };
}
