import { ACTIONS } from '../../model/action.ts';
import type { OperationKind, Step } from '../engine/step.ts';

/** The section of `docs/operations.md` that describes each operation, as Markdown. Pure. */
export function renderOperationReference(kinds: readonly OperationKind[]): string {
  return kinds.map(section).join('\n');
}

function section(kind: OperationKind): string {
  const { kind: name, version, action, event, taskState, migration, steps } = kind;
  const lines = [
    `### ${name}`,
    '',
    `- version: ${version}`,
    `- instance action: \`${action}\`, event \`${event}\``,
    `- begins: ${beginsIn(kind)}`,
    `- task state while it begins: ${taskState === null ? 'unchanged' : `\`${taskState}\``}`,
    ...(migration === undefined
      ? []
      : [`- migration record: \`${migration.finished}\` when done, \`${migration.abandoned}\` when unwound`]),
    '',
    '| step | undo | time limit | tries |',
    '| --- | --- | --- | --- |',
    ...steps.map(row),
    '',
  ];
  return lines.join('\n');
}

function beginsIn({ legal }: OperationKind): string {
  if (legal === null) return 'with the server';
  const { vmStates, ...rule }: { vmStates: 'any' | readonly string[]; taskStates?: unknown } = ACTIONS[legal];
  const states = vmStates === 'any' ? 'any vm state' : `vm state ${vmStates.join(', ')}`;
  const tasks = rule.taskStates ?? [null];
  if (tasks === 'any') return `${states}, any task state`;
  const named = (tasks as readonly (string | null)[]).filter((task) => task !== null);
  return named.length === 0
    ? `${states}, no task under way`
    : `${states}, no task state or ${named.join(', ')}`;
}

function row({ name, undo, timeoutMs, tries, tidies, when }: Step): string {
  const notes = [
    ...(when === undefined ? [] : ['where needed']),
    ...(tidies ? ['a failure is only logged'] : []),
  ];
  const step = notes.length === 0 ? name : `${name} (${notes.join('; ')})`;
  return `| ${step} | ${typeof undo === 'string' ? `none: ${undo}` : 'yes'} | ${duration(timeoutMs)} | ${tries} |`;
}

function duration(milliseconds: number): string {
  const minutes = milliseconds / 60_000;
  return minutes >= 60 ? `${minutes / 60} h` : `${minutes} min`;
}
