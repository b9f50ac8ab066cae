import type { Command, Reply, Verb } from '../../model/command.ts';
import { asFailure, Failure, type FailureKind, isRetryable } from '../../model/failure.ts';
import type { StepContext } from '../engine/step.ts';

/**
 * Checks that the destination of a move answers before the move uses it: a host that was powered off counts
 * as up for a while.
 * @throws {Failure} `unavailable` when it cannot be reached, `timed-out` when it is silent: the sentence
 * names it
 */
export async function reachDestination(context: StepContext): Promise<void> {
  const silent = await whyAway(context);
  if (silent === undefined) return;
  // The answer may have been lost with the bus.
  const away = silent.kind === 'outcome-unknown' ? await whyAway(context) : silent;
  if (away === undefined) return;
  throw notReached(away, context, away.kind === 'outcome-unknown' ? 'timed-out' : away.kind);
}

/** Sends a command to the destination of a move. A failure's text names a destination that is away. */
export async function commandDestination<V extends Verb>(
  context: StepContext,
  command: Command & { verb: V },
): Promise<Reply<V>> {
  try {
    return await context.ask<V>(command, context.server.destHost);
  } catch (error) {
    const failure = asFailure(error);
    throw isAway(failure) ? notReached(failure, context, failure.kind) : failure;
  }
}

/**
 * The failure of a step that a destination which went away explains: its text says so, and the step is not
 * tried again.
 */
export async function unlessDestinationAway(failure: Failure, context: StepContext): Promise<Failure> {
  const away = await whyAway(context);
  if (away === undefined) return failure;
  const operatorText = `${failure.operatorText}; then: ${away.operatorText}`;
  return notReached(
    new Failure(away.kind, away.message, { operatorText, cause: failure }),
    context,
    'timed-out',
  );
}

/** @returns why the destination does not answer, or nothing when it does */
async function whyAway({ ask, server, signal }: StepContext): Promise<Failure | undefined> {
  try {
    await ask({ verb: 'observe', server: server.id }, server.destHost);
    return undefined;
  } catch (error) {
    const failure = asFailure(error);
    if (signal.aborted || !isAway(failure)) throw failure;
    return failure;
  }
}

function isAway({ kind }: Failure): boolean {
  return isRetryable(kind);
}

/** Members may resize, and must not learn the names of hosts. */
function notReached(why: Failure, { server, kind: { namesHosts } }: StepContext, kind: FailureKind): Failure {
  const named = `Compute host ${server.destHost}, which the server is to go to, does not answer.`;
  const unnamed = 'The compute host that the server is to go to does not answer.';
  return new Failure(kind, namesHosts ? named : unnamed, {
    operatorText: `${named} ${why.operatorText}`,
    cause: why,
  });
}
