import { Failure } from '../failure.ts';
import { describeProtocols } from '../protocol.ts';

/**
 * The failure for a command, field or event of another release that this end does not know.
 * @param what such as `command teleport`
 * @param of the protocol versions of both ends, and which end does not know it
 */
export function notKnown(
  what: string,
  of: { readonly agent: number; readonly control: number; readonly by: 'agent' | 'control plane' },
): Failure {
  const both = describeProtocols(of);
  const message =
    of.by === 'agent'
      ? `The compute host does not support this: ${both}.`
      : `The control plane does not support this: ${both}.`;
  return new Failure('not-implemented', message, {
    operatorText: `The ${of.by} does not know the ${what}: ${both}`,
  });
}
