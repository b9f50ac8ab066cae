import { Failure } from '../../model/failure.ts';

/** The minor number of a Compute microversion `2.N`. */
export type Microversion = number;

export const MIN_MICROVERSION = 1;
export const MAX_MICROVERSION = 93;

/** A range of microversions, both ends included. An absent end is the API's own limit. */
export interface VersionRange {
  readonly since?: `2.${number}` | undefined;
  readonly until?: `2.${number}` | undefined;
}

/** Both ends of a range as minor numbers. */
export function boundsOf({ since, until }: VersionRange): { first: Microversion; last: Microversion } {
  return {
    first: since === undefined ? MIN_MICROVERSION : Number(since.slice(2)),
    last: until === undefined ? MAX_MICROVERSION : Number(until.slice(2)),
  };
}

/** `2.N` as text. */
export function microversionText(version: Microversion): `2.${number}` {
  return `2.${version}`;
}

/**
 * The microversion that a request's headers name (nova/api/openstack/wsgi.py
 * Request.set_api_version_request).
 * @throws {Failure} `invalid` for a malformed version, `not-acceptable` for an unsupported one
 */
export function negotiate(headers: { readonly [name: string]: string | string[] | undefined }): Microversion {
  const requested =
    fromServiceHeader(headers['openstack-api-version']) ?? single(headers['x-openstack-nova-api-version']);
  if (requested === undefined) return MIN_MICROVERSION;
  if (requested === 'latest') return MAX_MICROVERSION;
  const match = /^([1-9]\d*)\.([1-9]\d*|0)$/.exec(requested);
  if (match === null)
    throw new Failure(
      'invalid',
      `API Version String ${requested} is of invalid format. Must be of format MajorNum.MinorNum.`,
    );
  const minor = Number(match[2]);
  if (match[1] !== '2' || minor < MIN_MICROVERSION || minor > MAX_MICROVERSION)
    throw new Failure(
      'not-acceptable',
      `Version ${requested} is not supported by the API. Minimum is ${microversionText(MIN_MICROVERSION)} and maximum is ${microversionText(MAX_MICROVERSION)}.`,
    );
  return minor;
}

/** Finds `compute 2.53` in a comma-separated list of services. */
function fromServiceHeader(value: string | string[] | undefined): string | undefined {
  const text = Array.isArray(value) ? value.join(',') : value;
  for (const part of text?.split(',') ?? []) {
    const [service, version] = part.trim().split(/\s+/);
    if (service?.toLowerCase() === 'compute' && version !== undefined) return version.toLowerCase();
  }
  return undefined;
}

function single(value: string | string[] | undefined): string | undefined {
  return (Array.isArray(value) ? value[0] : value)?.trim().toLowerCase();
}
