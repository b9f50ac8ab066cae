import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { generatedDocs } from './generated-docs.ts';

for (const { path, render } of generatedDocs) {
  const file = join(import.meta.dirname, '..', path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, await render(existsSync(file) ? readFileSync(file, 'utf8') : ''));
  console.log(path);
}
