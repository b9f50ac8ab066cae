import { Type } from '../../../../model/schema.ts';
import type { Route } from '../../../http/route.ts';
import { MAX_INT } from '../../field-schemas.ts';
import { consoleOutput } from '../../small-shapes.ts';
import { noConsole } from '../no-console.ts';
import { action } from './action.ts';

/** -1 and null mean the whole log. */
const Console = Type.Unsafe<{ length?: number | string | null } | null>({
  type: ['object', 'null'],
  properties: {
    length: { type: ['integer', 'string', 'null'], pattern: '^-?[0-9]+$', minimum: -1 },
  },
  additionalProperties: false,
});

/** A number beyond the length of any log means the whole log. A command could not carry it. */
function linesWanted(length: number | string | null): number | null {
  const lines = length === null ? -1 : Number(length);
  return lines < 0 || lines > MAX_INT ? null : lines;
}

/** Removed from every log (nova/api/openstack/compute/console_output.py get_console_output). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is removed
const CONTROL_CHARACTERS = /[\x00-\x08\x0B-\x1F]/g;

const unavailable = (key: string, kind: string): Route =>
  action({
    key,
    until: '2.5',
    access: 'member',
    policy: 'os_compute_api:os-remote-consoles',
    summary: `No ${kind} console is offered`,
    status: 400,
    async handle({ server, body }) {
      const type = (body as { type?: unknown } | null)?.type;
      throw noConsole(server, String(type ?? kind));
    },
  });

/** https://docs.openstack.org/api-ref/compute/#show-console-output-os-getconsoleoutput-action */
export const consoleActions: readonly Route[] = [
  action({
    key: 'os-getConsoleOutput',
    access: 'member',
    policy: 'os_compute_api:os-console-output',
    summary: 'Show what the guest wrote on its serial console: the last lines, or all',
    schema: Console,
    status: 200,
    response: consoleOutput,
    async handle({ context, server, body }) {
      const lines = linesWanted(body?.length ?? null);
      const output = await context.parts.operations.consoleOutput(server, lines);
      return { output: output.replace(CONTROL_CHARACTERS, '') };
    },
  }),
  unavailable('os-getVNCConsole', 'novnc'),
  unavailable('os-getSPICEConsole', 'spice-html5'),
  unavailable('os-getRDPConsole', 'rdp-html5'),
  unavailable('os-getSerialConsole', 'serial'),
];
