import type { SandboxLimits } from './sandbox.ts';

/** The command line that starts a program within limits: util-linux's `prlimit` and its arguments. */
export function limited(limits: SandboxLimits, command: readonly string[]): readonly string[] {
  const { memory, cpuSeconds, fileSize } = limits;
  return [`--as=${memory}`, `--cpu=${cpuSeconds}`, `--fsize=${fileSize}`, '--core=0', '--', ...command];
}
