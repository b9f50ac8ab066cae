import { isFailureKind } from '../../model/failure.ts';
import { checked } from '../../model/messages/checked.ts';
import type { Operation } from '../../model/operation.ts';
import type { OperationKind, Step } from './step.ts';
import { upgradeRow } from './upgrade-row.ts';

/** What a replica makes of a stored operation. */
export type Understanding =
  /** The descriptor that runs it, and the operation as a row of the descriptor's version. */
  | { readonly ok: true; readonly kind: OperationKind; readonly operation: Operation }
  /** Why this replica must not touch it. */
  | { readonly ok: false; readonly why: string };

/** Characters of a stored word that are quoted in a sentence. */
const QUOTED = 60;

/**
 * Converts a stored operation to the version of its kind, and parses it by the kind's schemas. What is not
 * known is never guessed: another replica, of the release that wrote it, may understand it. Pure.
 */
export function understand(kinds: ReadonlyMap<string, OperationKind>, stored: Operation): Understanding {
  const kind = kinds.get(stored.kind);
  if (kind === undefined) return { ok: false, why: notKnown(kinds, stored) };
  const operation = converted(kind, stored);
  const why = typeof operation === 'string' ? operation : whyNot(kind, operation);
  return typeof operation === 'string' || why !== undefined
    ? { ok: false, why: why ?? '' }
    : { ok: true, kind, operation };
}

/** @returns the row in the version of its kind, or why it cannot be converted */
function converted(kind: OperationKind, stored: Operation): Operation | string {
  const ofVersion = `It is of version ${stored.version} of ${kind.kind}`;
  try {
    const operation = upgradeRow(kind, stored);
    return operation ?? `${ofVersion}; this release runs version ${kind.version}${convertedVersions(kind)}.`;
  } catch (error) {
    return `${ofVersion}, and cannot be converted to version ${kind.version}: ${quoted(String(error))}.`;
  }
}

function convertedVersions({ upgrades = {} }: OperationKind): string {
  const versions = Object.keys(upgrades);
  return versions.length === 0 ? '' : ` and converts version ${versions.join(', ')}`;
}

function notKnown(kinds: ReadonlyMap<string, OperationKind>, { kind }: Operation): string {
  return `It is of kind ${quoted(kind)}, which this release does not have; it has ${[...kinds.keys()].join(', ')}.`;
}

function whyNot(kind: OperationKind, operation: Operation): string | undefined {
  const { step, input, outputs, notUndone, failure } = operation;
  const steps = new Map(kind.steps.map((each) => [each.name, each]));
  for (const name of [...(step === null ? [] : [step]), ...Object.keys(outputs), ...notUndone])
    if (!steps.has(name))
      return `It names a step ${quoted(name)}, which ${kind.kind} does not have; it has ${[...steps.keys()].join(', ')}.`;
  if (failure !== null && !isFailureKind(failure.kind))
    return `It failed with ${quoted(failure.kind)}, which is no kind of failure that this release has.`;
  const parsed = checked(kind.input.schema, input);
  if (!parsed.ok) return `Its input cannot be read: ${parsed.why}.`;
  for (const [name, output] of Object.entries(outputs)) {
    const wrong = wrongOutput(steps.get(name), output);
    if (wrong !== undefined) return `The output of its step ${quoted(name)} cannot be read: ${wrong}.`;
  }
  return undefined;
}

function wrongOutput(step: Step | undefined, output: unknown): string | undefined {
  if (output === null || step === undefined) return undefined;
  if (step.output === null) return 'the step has none';
  const parsed = checked(step.output.schema, output);
  return parsed.ok ? undefined : parsed.why;
}

function quoted(word: string): string {
  return `'${word.length > QUOTED ? `${word.slice(0, QUOTED)}…` : word}'`;
}
