import { boundsOf } from './http/microversion.ts';
import type { Access, Route } from './http/route.ts';
import { services } from './services.ts';

const INTRODUCTION = `# What the APIs cover

Every request that Nameplate knows, as its route table has it. A line that answers 501 is known to the API it belongs to and not built here;
what stands in no line answers 404. "From" and "to" are Compute microversions (both ends belong); empty: all.

This page is generated from the route tables in \`src/api\`.`;

const WHO: Record<Access, string> = {
  anybody: 'anybody',
  token: 'any token',
  reader: 'reader',
  member: 'member',
  admin: 'admin',
};

/** A row of a table: one form of a request, or several similar forms. */
interface Line {
  readonly request: string;
  readonly since: `2.${number}` | undefined;
  readonly until: `2.${number}` | undefined;
  readonly access: Access;
  readonly status: number;
  readonly summary: string;
}

/** Renders `docs/api-coverage.md` from the route tables. */
export function renderCoverage(): string {
  const sections = services().map(
    ({ name, prefix, routes }) =>
      `## \`${prefix}\` (${name})\n\n${table('Request', routes.map(lineOfRoute))}`,
  );
  return `${[INTRODUCTION, ...sections].join('\n\n')}\n`;
}

function lineOfRoute(
  route: Pick<Route, 'method' | 'path' | 'action' | 'since' | 'until' | 'access' | 'status' | 'summary'>,
): Line {
  const { method, path, action, until, access, status, summary } = route;
  const since = route.since === '2.1' ? undefined : route.since;
  const shown = path.replace(/:(\w+)/g, '{$1}').replace(/\(.*?\)/g, '');
  const request = action === undefined ? `\`${method} ${shown}\`` : `\`${method} ${shown}\` \`${action}\``;
  return { request, since, until, access, status, summary };
}

function table(heading: string, lines: readonly Line[]): string {
  const rows = merged(lines).map(
    ({ request, since, until, access, status, summary }) =>
      `| ${request} | ${since ?? ''} | ${until ?? ''} | ${WHO[access]} | ${status} | ${summary.replaceAll('|', '\\|')} |`,
  );
  return [
    `| ${heading} | from | to | who | status | what |`,
    '| --- | --- | --- | --- | --- | --- |',
    ...rows,
  ].join('\n');
}

/** Joins forms that differ only in their schemas. */
function merged(lines: readonly Line[]): Line[] {
  const found: Line[] = [];
  for (const line of lines) {
    const index = found.findIndex((other) => isContinued(other, line));
    const before = found[index];
    if (before === undefined) found.push(line);
    else found[index] = { ...before, until: line.until };
  }
  return found;
}

function isContinued(before: Line, line: Line): boolean {
  return (
    before.request === line.request &&
    before.status === line.status &&
    before.access === line.access &&
    before.summary === line.summary &&
    before.until !== undefined &&
    boundsOf({ since: line.since }).first === boundsOf({ until: before.until }).last + 1
  );
}
