import { ACCEPTED_BOOLEANS } from './flexible-boolean.ts';
import type { ExtraSpec, ExtraSpecValue } from './known-extra-specs.ts';

const INTRODUCTION = `# Extra specs of flavors

\`\`\`
openstack flavor create --vcpus 1 --ram 512 --disk 1 --property hw:unique_serial=true licensed
\`\`\`

A server keeps a copy of its flavor, including the extra specs, from when it was created or last resized. A later edit of the flavor does not
change existing servers: resize them to a flavor with the extra specs that they need. To apply an edit to a server of the edited flavor, resize the server to another flavor and back.

From microversion 2.86 on, Nameplate refuses a value that an extra spec does not accept, and an unknown name in a namespace of this page. At earlier microversions, Nova accepts
every name and value. So does Nameplate, except for extra specs that are marked "always checked".

\`hw:unique_serial\` works only on x86: see [serial.md](serial.md). Misspellings of it, such as \`hw:unique-serial\`, are refused at every microversion.
\`hw_unique_serial\` is the name of the image property. A flavor may have it, because aggregate metadata may be matched with it, but it gives no server its own serial. The explanation of a
server's serial, the preview and the audit of [Nameplate's own API](nameplate-api.md) name such a flavor.

\`openstack flavor create --property\` makes two calls. If the second call, which sets the properties, is refused, the client prints the error and exits with 0. The flavor then exists without them.

Booleans are ${ACCEPTED_BOOLEANS}.

This page is generated from \`src/model/known-extra-specs.ts\`.`;

const COMPARED = `## Compared with hosts

The scheduler compares the value with the host. The value is either a text, which must be equal, or an operator with an operand:
\`=\` (at least), \`==\`, \`!=\`, \`>=\`, \`<=\` for numbers; \`s==\`, \`s!=\`, \`s>=\`, \`s>\`, \`s<=\`, \`s<\` for texts; \`<in> TEXT\`, \`<all-in> TEXT TEXT …\`,
\`<or> TEXT <or> TEXT …\`. See [scheduling.md](scheduling.md).`;

const WITHOUT_EFFECT = `## Accepted without effect

Nova knows these extra specs. Nameplate accepts them, so that flavors can be copied unchanged, and ignores them. For their meaning in Nova, see
[its reference](https://docs.openstack.org/nova/latest/configuration/extra-specs.html).`;

/** Renders `docs/extra-specs.md` from the table. */
export function renderExtraSpecReference(specs: readonly ExtraSpec[]): string {
  const acting = specs.filter(({ effect }) => effect !== undefined);
  const compared = specs.filter(({ comparedWith }) => comparedWith !== undefined);
  const idle = specs.filter(({ effect, comparedWith }) => effect === undefined && comparedWith === undefined);
  const sections = [
    INTRODUCTION,
    '## Acted on',
    ...acting.flatMap((spec) => [`### \`${spec.name}\``, `${spec.effect}`, facts(spec)]),
    COMPARED,
    [
      '| extra spec | compared with |',
      '|---|---|',
      ...compared.map(({ name, comparedWith }) => `| \`${name}\` | ${comparedWith} |`),
    ].join('\n'),
    WITHOUT_EFFECT,
    ['| extra spec | accepted | effect |', '|---|---|---|', ...idle.map(row)].join('\n'),
  ];
  return `${sections.join('\n\n')}\n`;
}

function facts(spec: ExtraSpec): string {
  const checked = spec.alwaysChecked ? 'always checked' : 'checked from microversion 2.86 on';
  return `- Accepted: ${accepted(spec.value)}; ${checked}`;
}

function row({ name, value }: ExtraSpec): string {
  return `| \`${name}\` | ${accepted(value).replaceAll('|', '\\|')} | none |`;
}

function accepted(value: ExtraSpecValue): string {
  switch (value.kind) {
    case 'boolean':
      return 'a boolean';
    case 'integer':
      return `a whole number${value.min === undefined ? '' : ` from ${value.min}`}${value.max === undefined ? '' : ` up to ${value.max}`}`;
    case 'words':
      return value.words.map((word) => `\`${word}\``).join(', ');
    case 'format':
      return `text of the form \`${value.shown}\``;
    case 'text':
      return 'any text';
  }
}
