import { declaredGroups } from '../src/config/declared.ts';
import { renderReference } from '../src/config/reference.ts';

/** A page that is never written by hand. */
export interface GeneratedDoc {
  /** From the root of the repository. */
  readonly path: string;
  readonly render: () => string | Promise<string>;
}

/** Every generated page. `npm run docs` writes them; a test of the repository checks that what is committed is what they render. */
export const generatedDocs: readonly GeneratedDoc[] = [
  { path: 'docs/configuration.md', render: () => renderReference(declaredGroups) },
];
