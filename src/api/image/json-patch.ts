import { Failure } from '../../model/failure.ts';
import { CONTENT_TYPES } from '../http/bodies.ts';
import { pythonRepr } from '../http/python-text.ts';

/** One change of an image: the new value of a key. */
export type PatchOperation =
  | { readonly op: 'add' | 'replace'; readonly key: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly key: string };

const OPS = ['add', 'replace', 'remove'] as const;
type Op = (typeof OPS)[number];
/** More than the number of properties, tags and own keys of an image. */
const MAX_OPERATIONS = 512;
const TYPE = /^application\/openstack-images-v2\.([01])-json-patch$/;

/**
 * Parses Glance's two forms of JSON patch: 2.1 is RFC 6902; in 2.0 the operation's name is the key of the
 * path.
 * @throws {Failure} `unsupported-media`, `invalid`
 */
export function parsePatch(contentType: string | undefined, body: unknown): PatchOperation[] {
  const form = TYPE.exec(contentType?.split(';')[0]?.trim().toLowerCase() ?? '')?.[1];
  if (form === undefined)
    throw new Failure(
      'unsupported-media',
      `Expected the content type ${CONTENT_TYPES['image patch'].join(' or ')}.`,
    );
  if (!Array.isArray(body))
    throw new Failure('invalid', 'Request body must be a JSON array of operation objects.');
  if (body.length > MAX_OPERATIONS)
    throw new Failure('invalid', `A patch has at most ${MAX_OPERATIONS} operations.`);
  return body.map((each) => parseOperation(form === '1' ? each : fromOldForm(each)));
}

function fromOldForm(operation: unknown): unknown {
  if (!isObject(operation)) return operation;
  const named = OPS.filter((op) => Object.hasOwn(operation, op));
  if (named.length !== 1)
    throw new Failure(
      'invalid',
      'Operation objects must contain exactly one member: add, replace or remove.',
    );
  const [op] = named;
  return { op, path: operation[op as Op], value: operation.value };
}

function parseOperation(operation: unknown): PatchOperation {
  if (!isObject(operation)) throw new Failure('invalid', 'Operations must be JSON objects.');
  const { op, path, value } = operation;
  if (!OPS.some((known) => known === op))
    throw new Failure('invalid', `Operations are ${OPS.join(', ')}; found ${pythonRepr(op)}.`);
  const key = keyOf(path);
  if (op === 'remove') return { op, key };
  if (value === undefined) throw new Failure('invalid', `Operation "${op}" requires a member named "value".`);
  return { op: op as 'add' | 'replace', key, value };
}

/** The key in a JSON pointer. Values of an image have no keys of their own. */
function keyOf(path: unknown): string {
  if (typeof path !== 'string') throw new Failure('invalid', 'The path of an operation must be a string.');
  if (!path.startsWith('/')) throw new Failure('invalid', `Pointer \`${path}\` does not start with "/".`);
  const rest = path.slice(1);
  if (rest === '' || rest.includes('/'))
    throw new Failure('invalid', `Pointer \`${path}\` does not name one key of an image.`);
  if (/~(?![01])/.test(rest))
    throw new Failure(
      'invalid',
      `Pointer \`${path}\` contains "~" not part of a recognized escape sequence.`,
    );
  return rest.replaceAll('~1', '/').replaceAll('~0', '~');
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
