import { isFailureKind } from '../../model/failure.ts';
import { checked } from '../../model/messages/checked.ts';
import type { Operation } from '../../model/operation.ts';
import type { OperationKind, Step } from './step.ts';

/** What a replica makes of a stored operation: the kind that it runs by, or why it must not touch it. */
export type Understanding =
  | { readonly ok: true; readonly kind: OperationKind }
  | { readonly ok: false; readonly why: string };

/** Characters of a stored word that are quoted in a sentence. */
const QUOTED = 60;

/**
 * Parses a stored operation by its kind's schemas. What is not known is never guessed: another replica, of
 * the release that wrote it, may understand it. Pure.
 */
export function understand(kinds: ReadonlyMap<string, OperationKind>, operation: Operation): Understanding {
  const kind = kinds.get(operation.kind);
  const why = kind === undefined ? notKnown(kinds, operation) : whyNot(kind, operation);
  return kind === undefined || why !== undefined ? { ok: false, why: why ?? '' } : { ok: true, kind };
}

function notKnown(kinds: ReadonlyMap<string, OperationKind>, { kind }: Operation): string {
  return `It is of kind ${quoted(kind)}, which this release does not have; it has ${[...kinds.keys()].join(', ')}.`;
}

function whyNot(kind: OperationKind, operation: Operation): string | undefined {
  const { version, step, input, outputs, notUndone, failure } = operation;
  if (version !== kind.version)
    return `It is of version ${version} of ${kind.kind}; this release runs version ${kind.version}.`;
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
