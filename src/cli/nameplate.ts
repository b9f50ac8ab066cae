import packageJson from '../../package.json' with { type: 'json' };
import { fileFailure } from '../files/file-failure.ts';
import { asFailure, type Failure } from '../model/failure.ts';
import { type Arguments, HELP, parseArguments } from './arguments.ts';

/**
 * Exit statuses: 0 ended as asked, 1 something failed, 2 the command line or the configuration cannot be used. Those of `db` are
 * nova-manage's.
 */
async function nameplate(asked: Arguments): Promise<unknown> {
  // A command needs none of what the others are made of.
  switch (asked.command) {
    case 'help':
      process.stdout.write(HELP);
      return;
    case 'version':
      process.stdout.write(`nameplate ${packageJson.version}\n`);
      return;
    case 'start':
      return (await import('./start.ts')).start(asked);
    case 'serve':
      return (await import('./serve.ts')).serve(asked);
    case 'agent':
      return (await import('./agent.ts')).agent(asked);
    case 'bus init':
      return (await import('./bus-init.ts')).busInit(asked);
    case 'host add':
      return (await import('./host-credentials.ts')).hostAdd(asked);
    case 'host remove':
      return (await import('./host-credentials.ts')).hostRemove(asked);
    case 'host list':
      return (await import('./host-list.ts')).hostList(asked);
    case 'db archive':
      return (await import('./db.ts')).dbArchive(asked);
    case 'db purge':
      return (await import('./db.ts')).dbPurge(asked);
  }
}

/** An error of the file system is one sentence, wherever it came from. */
function sayable(error: unknown): Failure {
  const failure = asFailure(error);
  return failure.kind === 'internal' ? (fileFailure(failure.cause) ?? failure) : failure;
}

// Where nobody reads on, or the disk of a log is full, the work goes on without being told of.
for (const output of [process.stdout, process.stderr]) output.on('error', () => {});

/** Of the `db` commands 1 means that rows were archived. */
const FAILED = { db: 255, other: 1 } as const;

let status = 0;
let failed: number = FAILED.other;
try {
  const asked = parseArguments(process.argv.slice(2));
  if (asked.command.startsWith('db ')) failed = FAILED.db;
  const ended = await nameplate(asked);
  if (typeof ended === 'number') status = ended;
} catch (error) {
  const failure = sayable(error);
  process.stderr.write(`nameplate: ${failure.operatorText}\n`);
  status = failure.kind === 'invalid' ? 2 : failed;
}
// At once: while a process winds itself down, a signal that it is told again would end it in that signal's way.
process.exit(status);
