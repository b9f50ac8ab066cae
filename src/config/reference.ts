import type { Option, OptionGroup, OptionGroups } from './option.ts';

const INTRODUCTION = `# Configuration

Nameplate reads the file format of OpenStack (oslo.config), with Nova's names for what Nova has too, so that an operator's \`nova.conf\`
can be given to it as it is: \`npm start -- --config-file /etc/nova/nova.conf\`. What Nameplate has no use for is ignored, with a warning that names it.

This page is generated from the declarations in \`src/config/options/\`.

## Where values come from

The first of these sources with a value takes precedence:

1. the command line;
2. the environment: \`OS_<SECTION>__<OPTION>\`, for instance \`OS_LIBVIRT__SYSINFO_SERIAL=unique\`;
3. files, the last one first: \`--config-file FILE\` and \`--config-dir FOLDER\` (its \`*.conf\`, sorted by name), any number of them, in their order.
   By default \`/etc/nameplate/*.conf\`. Nova's own folders are read only if they are named, so that Nameplate never uses the database and host name of a Nova on the same machine by accident;
4. the default.

No value changes while Nameplate runs: an edit takes effect at the next start. All values are checked at the start, used or not.
If values are wrong, Nameplate prints file, line, option, value and what is accepted for each of them, and exits with status 2.

## The format

\`\`\`ini
# A comment has a line of its own, and begins at the first column.
[libvirt]
sysinfo_serial = unique
cpu_models = EPYC,
    Haswell-noTSX
\`\`\`

- A comment cannot follow a value: in \`sysinfo_serial = unique  # ours\` it is part of the value, which is refused.
- A line that begins with a space or tab continues the value above it.
- \`:\` has the same meaning as \`=\`. One pair of quotes around a value is removed.
- If an option is set twice, the last line counts. A section may be opened several times.
- Names of sections are case-insensitive, except \`[DEFAULT]\`. Options and choices are case-sensitive.
- \`$name\`, \`\${name}\` and \`\${section.name}\` are replaced by the value of another option, from the same section or \`[DEFAULT]\`; \`$$\` is a plain \`$\`.
`;

/** Renders `docs/configuration.md` from the declarations. */
export function renderReference(groups: OptionGroups): string {
  const sections = Object.entries(groups).map(([name, group]) => renderGroup(name, group));
  return `${[INTRODUCTION.trimEnd(), ...sections].join('\n\n')}\n`;
}

function renderGroup(name: string, group: OptionGroup): string {
  const options = Object.entries(group.options).map(([option, declared]) => renderOption(option, declared));
  return [`## [${name}]`, group.help, ...options].join('\n\n');
}

function renderOption(name: string, option: Option<unknown>): string {
  const choices = Object.entries(option.type.choices ?? {}).map(
    ([word, meaning]) => `  - \`${word}\`: ${meaning}`,
  );
  const facts = [
    `- Type: ${option.type.name}; accepted is ${option.type.accepts}${choices.length > 0 ? ':' : ''}`,
    ...choices,
    `- Default: ${renderDefault(option)}`,
    ...(option.unit === undefined ? [] : [`- Unit: ${option.unit}`]),
    ...(option.from === 'Nova' ? [] : [`- Name and meaning: ${option.from}'s own`]),
    ...(option.secret ? ['- Never shown in messages, because it may hold a password'] : []),
  ];
  return [`### \`${name}\``, option.help, facts.join('\n')].join('\n\n');
}

function renderDefault({ default: declared }: Option<unknown>): string {
  if (declared === undefined) return 'unset';
  if (typeof declared !== 'string') return declared.described;
  return declared === '' ? 'empty' : `\`${declared}\``;
}
