import packageJson from '../../package.json' with { type: 'json' };
import { asFailure } from '../model/failure.ts';
import { HELP, parseArguments } from './arguments.ts';

/** Exit statuses: 0 ended as asked, 1 something failed, 2 the command line or the configuration cannot be used. */
async function nameplate(): Promise<void> {
  const asked = parseArguments(process.argv.slice(2));
  if (asked.command === 'help') process.stdout.write(HELP);
  else if (asked.command === 'version') process.stdout.write(`nameplate ${packageJson.version}\n`);
  else {
    const { start } = await import('./start.ts'); // a word of help needs none of the service
    await start(asked);
  }
}

try {
  await nameplate();
  process.exitCode = 0;
} catch (error) {
  const failure = asFailure(error);
  process.stderr.write(`nameplate: ${failure.operatorText}\n`);
  process.exitCode = failure.kind === 'invalid' ? 2 : 1;
}
