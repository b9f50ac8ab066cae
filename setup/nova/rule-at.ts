const TEST = /^\s*(?:describe|it)\((['"`])(.*?)\1/;
const DECLARATION =
  /^\s*(?:export )?(?:default )?(?:async )?(?:abstract )?(?:const|let|function\*?|class|interface|type) (\w+)/;
const MEMBER = /^\s*(?:readonly |async |static )*['"]?([\w:-]+)['"]?\??(?:[:(<]|,$)/;

const WHOLE_FILE = 'the whole file';

/** What the comment at an offset of a source describes: the declaration below it, else the enclosing one. */
export function ruleAt(text: string, offset: number): string {
  const below = text.slice(text.indexOf('\n', offset) + 1).split('\n');
  const next = below.find((line) => !/^\s*(?:\*|\/\/|\/\*)/.test(line)) ?? '';
  if (next.trim() === '' || next.startsWith('import ')) return WHOLE_FILE;
  const above = text.slice(0, offset).split('\n').reverse();
  const enclosing = above
    .filter((line) => line.search(/\S/) < next.search(/\S/))
    .map((line) => DECLARATION.exec(line)?.[1])
    .find((name) => name !== undefined);
  const declared = TEST.exec(next)?.[2] ?? DECLARATION.exec(next)?.[1];
  if (declared !== undefined) return declared;
  const member = MEMBER.exec(next)?.[1];
  if (member === undefined || enclosing === undefined) return enclosing ?? member ?? WHOLE_FILE;
  return `${enclosing}.${member}`;
}
