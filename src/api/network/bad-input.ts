import type { ErrorObject } from 'ajv';
import { pythonRepr, pythonText } from '../http/python-text.ts';
import { sentence } from '../http/schema-error-text.ts';

/** What a schema of the Network API says of itself beside JSON Schema; the OpenAPI documents leave it out. */
export interface Words {
  /** What a value is that it accepts: `'x' is not an IP address`. */
  readonly '~accepts'?: string;
  /** Attributes that the resource has and the request may not name, with the sentence that refuses them. */
  readonly '~refuses'?: Readonly<Record<string, string>>;
}

/** A refused input in Neutron's words (neutron_lib/api/attributes.py AttributeInfo). */
export function describeBadInput(error: ErrorObject, part: 'body' | 'query'): string {
  const words = error.parentSchema as Words;
  const params = error.params as { missingProperty?: string; additionalProperty?: string };
  const path = pathTo(error.instancePath, part);
  if (error.keyword === 'required' && path === '')
    return `Failed to parse request. Required attribute '${params.missingProperty}' not specified`;
  if (error.keyword === 'additionalProperties' && path === '') {
    const name = String(params.additionalProperty);
    return words['~refuses']?.[name] ?? `Unrecognized attribute(s) '${pythonText(name)}'`;
  }
  const accepts = words['~accepts'];
  const reason = accepts === undefined ? sentence(error) : `${pythonRepr(error.data)} is not ${accepts}`;
  return `Invalid input for ${path === '' ? 'the request body' : path}. Reason: ${reason}.`;
}

/** `/ports/0/fixed_ips/1/subnet_id` as `fixed_ips[1].subnet_id`: the path within the resource. */
function pathTo(pointer: string, part: 'body' | 'query'): string {
  const all = pointer
    .split('/')
    .slice(1)
    .map((word) => word.replaceAll('~1', '/').replaceAll('~0', '~'));
  const isListed = /^\d+$/.test(all[1] ?? '');
  const inResource = part === 'query' ? all : all.slice(isListed ? 2 : 1);
  return inResource.reduce((path, word) => {
    if (/^\d+$/.test(word)) return `${path}[${word}]`;
    return path === '' ? word : `${path}.${word}`;
  }, '');
}
