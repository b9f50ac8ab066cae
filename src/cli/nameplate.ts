import { fileFailure } from '../files/file-failure.ts';
import { asFailure, type Failure } from '../model/failure.ts';
import { parseCommandLine } from './command-line.ts';
import { StandardTerminal } from './terminal.ts';

/** Describes an error of the file system in one sentence. */
function asSentence(error: unknown): Failure {
  const failure = asFailure(error);
  return failure.kind === 'internal' ? (fileFailure(failure.cause) ?? failure) : failure;
}

const terminal = new StandardTerminal();

/** For `db archive` and `db purge`, status 1 does not mean a failure. */
const FAILED = { rows: 255, other: 1 } as const;

// Exit statuses: 0 success, 1 something failed or the output could not be written, 2 the command line or the
// configuration cannot be used. Those of `db archive` and `db purge` are nova-manage's.
let status = 0;
let failed: number = FAILED.other;
try {
  const invocation = parseCommandLine(process.argv.slice(2));
  if (/^db (archive|purge)$/.test(invocation.command)) failed = FAILED.rows;
  const ended = await invocation.run(terminal);
  if (typeof ended === 'number') status = ended;
  if (!(await terminal.flushed())) status = failed;
} catch (error) {
  const failure = asSentence(error);
  terminal.err(`nameplate: ${failure.operatorText}`);
  status = failure.kind === 'invalid' ? 2 : failed;
}
// Exit now: a second SIGTERM during Node's teardown would change the exit status.
process.exit(status);
