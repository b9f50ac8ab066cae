/** Types with all data in one file. Configuration cannot allow any other type. */
const SELF_CONTAINED = ['monolithicSparse', 'streamOptimized'];

/** Lines that a descriptor may have, apart from comments and extents (VMware's Virtual Disk Format 5.0). */
const KNOWN_LINE = /^(version|encoding|cid|parentcid|createtype|isnativesnapshot|ddb\.[a-z0-9_.]+)\s*=/i;
const EXTENT_LINE = /^(rw|rdonly|noaccess)\s/i;
/** The only extent of a file that holds its whole disk. */
const OWN_EXTENT = /^(RW|RDONLY) +[0-9]{1,15} +SPARSE +"[^"/\\:]+"$/i;
const TYPE_LINE = /^createType="([A-Za-z0-9]+)"$/m;
const NO_PARENT_LINE = /^parentCID=ffffffff$/im;

/**
 * Why a VMDK's descriptor must not be used; null when it is safe. QEMU (block/vmdk.c) searches the text for
 * words, even in comments, and uses the first one; other programs read lines and use the last one. So a
 * significant word may occur only once, and in a line of its own.
 * @param text everything up to the first NUL
 */
export function descriptorDanger(text: string, allowedTypes: readonly string[]): string | null {
  if (/[^\t\n\r\x20-\x7e]/.test(text)) return 'has a VMDK descriptor that is not plain ASCII';
  const lines = text.split('\n').map((line) => line.trim());
  if (lines[0]?.toLowerCase() !== '# disk descriptorfile') return 'has no VMDK descriptor';
  return parentDanger(text, lines) ?? extentDanger(lines) ?? typeDanger(text, lines, allowedTypes);
}

function parentDanger(text: string, lines: readonly string[]): string | null {
  if (/parentfilenamehint/i.test(text)) return 'has a parent image';
  if (occurrences(text, 'parentcid') !== 1)
    return 'has a VMDK descriptor with more or fewer than one parentCID';
  return lines.some((line) => NO_PARENT_LINE.test(line)) ? null : 'has a parent image';
}

function extentDanger(lines: readonly string[]): string | null {
  const statements = lines.filter((line) => line !== '' && !line.startsWith('#'));
  const extents = statements.filter((line) => EXTENT_LINE.test(line));
  if (extents.length === 0) return 'has a VMDK descriptor without extents';
  if (extents.length > 1) return 'has a VMDK descriptor with more than one extent';
  if (extents.some((line) => /[/\\:]/.test(line))) return 'has a VMDK extent with a path';
  if (!extents.every((line) => OWN_EXTENT.test(line))) return 'has a VMDK extent that is not the file itself';
  return statements.every((line) => EXTENT_LINE.test(line) || KNOWN_LINE.test(line))
    ? null
    : 'has an unknown line in its VMDK descriptor';
}

function typeDanger(text: string, lines: readonly string[], allowedTypes: readonly string[]): string | null {
  if (occurrences(text, 'createtype') !== 1)
    return 'has a VMDK descriptor with more or fewer than one createType';
  const type = lines.map((line) => TYPE_LINE.exec(line)?.[1]).find((found) => found !== undefined);
  const allowed = allowedTypes.filter((one) => SELF_CONTAINED.includes(one));
  if (type !== undefined && allowed.includes(type)) return null;
  const accepted = allowed.length === 0 ? 'none is allowed here' : `allowed are ${allowed.join(', ')}`;
  return `is VMDK of type '${type ?? ''}': ${accepted}`;
}

function occurrences(text: string, word: string): number {
  return text.toLowerCase().split(word).length - 1;
}
