import { ACCEPTED_BOOLEANS } from './flexible-boolean.ts';
import type { ExtraSpec, ExtraSpecValue } from './known-extra-specs.ts';

const INTRODUCTION = `# Extra specs of flavors

\`\`\`
openstack flavor create --vcpus 1 --ram 512 --disk 1 --property hw:unique_serial=true licensed
\`\`\`

A server keeps a copy of its flavor, extra specs included, from when it was created or last resized. A later edit of the flavor changes
no server that exists: resize it to a flavor that has what is wanted. To bring an edit to a server that has this very flavor, resize it to another and back.

From microversion 2.86 on, a value that an extra spec does not take is refused, and so is an unknown name in a namespace of this page. At earlier ones, Nova takes
everything, and so does Nameplate, but for what is marked "always checked".

For \`hw:unique_serial\`, which works on x86 alone, read [serial.md](serial.md). Other names that are nearly it, such as \`hw:unique-serial\`, are refused at every microversion.
\`hw_unique_serial\`, the name of the image property, is stored on a flavor, since aggregates may be matched by it, and gives no server its own serial: the explanation of a
server's serial, the preview and the audit of [Nameplate's own API](nameplate-api.md) name it.

\`openstack flavor create --property\` makes two calls. Where the second, for the properties, is refused, the client prints that and exits with 0: the flavor is left without them.

Booleans are ${ACCEPTED_BOOLEANS}.

This page is generated from \`src/model/known-extra-specs.ts\`.`;

const COMPARED = `## Compared with hosts

When a host is chosen, the value is compared with what the host has. It is either a text, which must be the same, or an operator with what it compares
with: \`=\` (at least), \`==\`, \`!=\`, \`>=\`, \`<=\` for numbers; \`s==\`, \`s!=\`, \`s>=\`, \`s>\`, \`s<=\`, \`s<\` for texts; \`<in> TEXT\`, \`<all-in> TEXT TEXT …\`,
\`<or> TEXT <or> TEXT …\`. See [scheduling.md](scheduling.md).`;

const WITHOUT_EFFECT = `## Accepted, no effect here

Nova knows these, so flavors that have them can be made here as they are. Nameplate does nothing with them. For what they mean to Nova, see
[its reference](https://docs.openstack.org/nova/latest/configuration/extra-specs.html).`;

/** `docs/extra-specs.md`, from the table alone. */
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
