import type { OptionGroups } from './option.ts';
import type { Parsed } from './types.ts';
import type { WrittenValues } from './written.ts';

/**
 * References as in oslo.config's `cfg.py` `ConfigOpts.Template`: a name without braces includes all
 * following dots.
 */
const REFERENCE = /\$(?:(\$)|([_a-z][._a-z0-9]*)|\{([_a-z][._a-z0-9]*)\})/gi;

/**
 * The text of an option after the substitution of `$name`, `${name}` and `${group.name}`. Names are looked
 * up in the same section, then in DEFAULT. `$$` and `\$` give a plain `$`; any other `$` stays as it is; an
 * unset option gives an empty text.
 * @returns undefined when the option is unset
 */
export function substituted(
  path: { readonly group: string; readonly option: string },
  from: { readonly groups: OptionGroups; readonly written: WrittenValues },
): Parsed<string> | undefined {
  return resolve(`${path.group}.${path.option}`, from, []);
}

type Source = Parameters<typeof substituted>[1];

function resolve(key: string, from: Source, above: readonly string[]): Parsed<string> | undefined {
  const value = from.written.get(key);
  if (value === undefined) return undefined;
  if (value.literal) return { value: value.text };
  if (above.includes(key)) return { refused: `$${key.replace(/^DEFAULT\./, '')} leads back to itself` };

  let refused: string | undefined;
  const text = value.text
    .replaceAll('\\$', '$$$$')
    .replace(
      REFERENCE,
      (_match, dollar: string | undefined, bare: string | undefined, braced: string | undefined) => {
        const name = bare ?? braced;
        if (dollar !== undefined || name === undefined) return '$';
        const target = find(name, key, from.groups);
        if (target === undefined) {
          refused ??= `$${name} is not the name of an option; accepted is $name, \${name} or \${section.name}, and $$ for a plain $`;
          return '';
        }
        const inner = resolve(target, from, [...above, key]);
        if (inner === undefined) return '';
        if ('refused' in inner) {
          refused ??= inner.refused;
          return '';
        }
        return inner.value;
      },
    );
  return refused === undefined ? { value: text } : { refused };
}

function find(name: string, askedBy: string, groups: OptionGroups): string | undefined {
  const has = (group: string, option: string) =>
    Object.hasOwn(groups, group) && Object.hasOwn(groups[group]?.options ?? {}, option);
  const dot = name.indexOf('.');
  const ownGroup = askedBy.slice(0, askedBy.indexOf('.'));
  if (dot > 0) {
    const [group, option] = [name.slice(0, dot), name.slice(dot + 1)];
    return has(group, option) ? name : undefined;
  }
  return [ownGroup, 'DEFAULT'].filter((group) => has(group, name)).map((group) => `${group}.${name}`)[0];
}
