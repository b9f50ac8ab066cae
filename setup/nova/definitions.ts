/** A function, class, constant or configuration option of a Python source. */
interface Definition {
  /** With the classes and functions around it: `API.lock`. */
  readonly name: string;
  readonly depth: number;
  readonly line: number;
}

/**
 * The line of a definition in a Python source: the outermost with this name, undefined when there is none.
 * @param name - `lock`, or `API.lock` where several classes have one
 * @throws Error when definitions of several classes fit equally well
 */
export function lineOf(definitions: readonly Definition[], name: string): number | undefined {
  const fitting = definitions.filter((each) => each.name === name || each.name.endsWith(`.${name}`));
  const outermost = Math.min(...fitting.map(({ depth }) => depth));
  const found = fitting.filter(({ depth }) => depth === outermost);
  const names = [...new Set(found.map((each) => each.name))];
  if (names.length > 1) throw new Error(`${name} is one of ${names.slice(0, 10).join(', ')}: name which`);
  return found[0]?.line;
}

/** All definitions of a Python source, by indentation. Variables of functions are left out. */
export function definitionsOf(python: string): Definition[] {
  const around: { name: string; indent: number; isFunction: boolean }[] = [];
  return python.split('\n').flatMap((text, index, lines) => {
    const indent = text.search(/\S/);
    const block = /^\s*(?:async )?(def|class) (\w+)/.exec(text);
    const option = optionName(text, lines[index + 1]);
    const name = block?.[2] ?? option ?? /^\s*([A-Za-z_]\w*)\s*(?::[^=]+)?=(?!=)/.exec(text)?.[1];
    if (name === undefined) return [];
    while (option === undefined && around.length > 0 && around.at(-1)!.indent >= indent) around.pop();
    if (block === null && around.some(({ isFunction }) => isFunction)) return [];
    const path = option === undefined ? [...around.map((each) => each.name), name] : [name];
    if (block !== null) around.push({ name, indent, isFunction: block[1] === 'def' });
    return [{ name: path.join('.'), depth: path.length, line: index + 1 }];
  });
}

/** The name of an oslo.config option that a line declares, with the name on it or on the next. */
function optionName(text: string, next = ''): string | undefined {
  const called = /\b\w*Opt\((.*)$/.exec(text);
  if (called === null) return undefined;
  return /^\s*['"]([\w-]+)['"]/.exec(called[1] === '' ? next : called[1]!)?.[1];
}
