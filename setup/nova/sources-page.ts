import { NOVA_COMMIT, novaUrl } from './commit.ts';
import lines from './lines.json' with { type: 'json' };
import { type NovaReference, novaReferences } from './references.ts';

/** Line by name of each file of Nova that a comment names. */
export const NOVA_LINES: Readonly<Record<string, Readonly<Record<string, number>>>> = lines;

/** The definitions that a reference names: its words up to the first that belongs to the sentence. */
export function definitionsNamed({ path, words }: NovaReference): string[] {
  const located = NOVA_LINES[path] ?? {};
  const prose = words.findIndex((word) => !Object.hasOwn(located, word));
  return words.slice(0, prose < 0 ? words.length : prose);
}

/** `docs/nova-sources.md`: each rule that mirrors Nova, with the lines of Nova that it mirrors. */
export function renderNovaSources(): string {
  const references = novaReferences();
  const rows = references.flatMap((reference) =>
    definitionsNamed(reference).map((name) => rowOf(reference, name)),
  );
  return `# What is mirrored from Nova, and where it stands there

Written by \`npm run docs\` from the comments of the sources: do not edit it. A comment names the file of Nova and the definition in it.
All links lead to one commit of openstack/nova: \`${NOVA_COMMIT}\` ([tree](https://opendev.org/openstack/nova/src/commit/${NOVA_COMMIT})).
How a reference is added, and how the commit is changed: [CONTRIBUTING](../CONTRIBUTING.md#references-to-nova).

| Rule | File | Nova |
| --- | --- | --- |
${[...new Set(rows)].join('\n')}
`;
}

function rowOf({ file, rule, path }: NovaReference, name: string): string {
  const line = NOVA_LINES[path]![name]!;
  const cell = rule.replaceAll('|', '\\|').replaceAll('`', "'");
  return `| \`${cell}\` | [${file}](../${file}) | [${path}:${line}](${novaUrl(path, line)}) \`${name}\` |`;
}
