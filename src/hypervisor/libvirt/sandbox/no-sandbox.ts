import { runTool } from '../files/run-tool.ts';
import { limited } from './limited.ts';
import type { Sandbox, SandboxedRun } from './sandbox.ts';

/** For hosts that cannot create namespaces. Programs have limits, but all rights of the agent. */
export class NoSandbox implements Sandbox {
  readonly confines = false;

  run({ command, args, source = '', target = '', limits, ...run }: SandboxedRun): Promise<string> {
    return runTool({
      ...run,
      command: 'prlimit',
      args: limited(limits, [command, ...args({ source, target })]),
    });
  }
}
