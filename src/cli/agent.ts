import { startAgentOfHost } from '../main.ts';
import type { ConfigArguments } from './arguments.ts';
import { runUntilStopped } from './running.ts';
import type { Terminal } from './terminal.ts';

/** Runs the agent of this compute host until SIGTERM or SIGINT. Guests keep running. */
export async function agent(asked: ConfigArguments, terminal: Terminal): Promise<void> {
  await runUntilStopped(asked, async ({ config, log, stop, untilStopped }) => {
    const end = await startAgentOfHost({ config, log, signal: stop });
    try {
      terminal.out(`Nameplate's agent of host ${config.DEFAULT.host} is ready\n`);
      await untilStopped();
      log('shutting-down');
    } finally {
      await end();
    }
  });
}
