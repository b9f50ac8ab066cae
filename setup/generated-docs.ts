import { renderCoverage } from '../src/api/coverage.ts';
import { declaredGroups } from '../src/config/declared.ts';
import { renderReference } from '../src/config/reference.ts';
import { renderExtraSpecReference } from '../src/model/extra-spec-reference.ts';
import { knownImageProperties } from '../src/model/image-property.ts';
import { renderImagePropertyReference } from '../src/model/image-property-reference.ts';
import { knownExtraSpecs } from '../src/model/known-extra-specs.ts';
import { renderMovesTable } from '../test/e2e/serial-of-moves-table.ts';

/** A page that is never written by hand. */
export interface GeneratedDoc {
  /** From the root of the repository. */
  readonly path: string;
  readonly render: () => string | Promise<string>;
}

/** Every generated page. `npm run docs` writes them; a test of the repository checks that what is committed is what they render. */
export const generatedDocs: readonly GeneratedDoc[] = [
  { path: 'docs/api-coverage.md', render: renderCoverage },
  { path: 'docs/configuration.md', render: () => renderReference(declaredGroups) },
  { path: 'docs/extra-specs.md', render: () => renderExtraSpecReference(knownExtraSpecs) },
  { path: 'docs/image-properties.md', render: () => renderImagePropertyReference(knownImageProperties) },
  { path: 'docs/serial-of-moves.md', render: renderMovesTable },
];
