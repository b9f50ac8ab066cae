import { renderCoverage } from '../src/api/coverage.ts';
import { DESCRIBED } from '../src/api/openapi/service.ts';
import { renderOpenApi } from '../src/api/openapi-page.ts';
import { declaredGroups } from '../src/config/declared.ts';
import { renderReference } from '../src/config/reference.ts';
import { renderExtraSpecReference } from '../src/model/extra-spec-reference.ts';
import { knownImageProperties } from '../src/model/image-property.ts';
import { renderImagePropertyReference } from '../src/model/image-property-reference.ts';
import { knownExtraSpecs } from '../src/model/known-extra-specs.ts';
import { renderLogEvents } from '../src/model/log-event-reference.ts';
import { OPERATION_KINDS } from '../src/operations/kinds/operation-kinds.ts';
import { renderOperationReference } from '../src/operations/kinds/operation-reference.ts';
import { renderIdentityTable } from '../test/e2e/identity-table.ts';
import { renderMovesTable } from '../test/e2e/serial-of-moves-table.ts';
import { renderDrawing, renderRoomTable } from './house-pages.ts';
import { renderApiPage } from './libvirt-rpc/api-page.ts';
import { renderNovaSources } from './nova/sources-page.ts';

/** A page that is never written by hand, or has a section that is not. */
export interface GeneratedDoc {
  /** From the root of the repository. */
  readonly path: string;
  /** The page as it is to be; `page` is the page as it is, empty when there is none yet. */
  readonly render: (page: string) => string | Promise<string>;
}

/**
 * Every generated page. `npm run docs` writes them; a test of the repository checks that what is committed is
 * what they render.
 */
export const generatedDocs: readonly GeneratedDoc[] = [
  { path: 'ARCHITECTURE.md', render: (page) => withSection(page, 'drawing', renderDrawing()) },
  { path: 'CONTRIBUTING.md', render: (page) => withSection(page, 'rooms', renderRoomTable()) },
  { path: 'docs/api-coverage.md', render: renderCoverage },
  ...DESCRIBED.map((name) => ({ path: `docs/openapi/${name}.json`, render: () => renderOpenApi(name) })),
  { path: 'docs/configuration.md', render: () => renderReference(declaredGroups) },
  { path: 'docs/extra-specs.md', render: () => renderExtraSpecReference(knownExtraSpecs) },
  { path: 'docs/log-events.md', render: renderLogEvents },
  { path: 'docs/image-properties.md', render: () => renderImagePropertyReference(knownImageProperties) },
  { path: 'docs/nova-sources.md', render: renderNovaSources },
  {
    path: 'docs/operations.md',
    render: (page) => withSection(page, 'operations', renderOperationReference(OPERATION_KINDS)),
  },
  { path: 'packages/libvirt-rpc/API.md', render: renderApiPage },
  { path: 'docs/identity.md', render: (page) => withSection(page, 'identity', renderIdentityTable()) },
  { path: 'docs/serial.md', render: (page) => withSection(page, 'moves', renderMovesTable()) },
];

/**
 * The page with what stands between the two comments of a section replaced. @throws Error when the page lacks
 * one.
 */
function withSection(page: string, name: string, section: string): string {
  const [begin, end] = [`<!-- ${name}: written by \`npm run docs\` -->\n`, `<!-- end of ${name} -->\n`];
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from)
    throw new Error(`the page has no section between ${begin.trim()} and ${end.trim()}`);
  return `${page.slice(0, from + begin.length)}\n${section}\n${page.slice(to)}`;
}
