import { runTool } from '../files/run-tool.ts';
import type { Cage, CagedRun } from './cage.ts';
import { limited } from './limited.ts';

/** For hosts that cannot make namespaces: programs have limits, but the agent's own rights and its sight. */
export class NoCage implements Cage {
  readonly confines = false;

  run({ command, args, source = '', target = '', limits, ...run }: CagedRun): Promise<string> {
    return runTool({
      ...run,
      command: 'prlimit',
      args: limited(limits, [command, ...args({ source, target })]),
    });
  }
}
