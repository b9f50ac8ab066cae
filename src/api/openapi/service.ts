import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { Failure } from '../../model/failure.ts';
import { Type } from '../../model/schema.ts';
import {
  MAX_MICROVERSION,
  MIN_MICROVERSION,
  type Microversion,
  microversionText,
} from '../http/microversion.ts';
import { PreparedJson } from '../http/prepared-json.ts';
import type { ServiceName } from '../http/rewritten-url.ts';
import { type Route, route } from '../http/route.ts';
import type { Service } from '../http/service.ts';
import { anything } from '../http/shape.ts';
import { openApiDocument } from './document.ts';

/** The services that have a document. */
export const DESCRIBED: readonly ServiceName[] = ['identity', 'image', 'compute', 'network', 'nameplate'];

const Query = Type.Object({ microversion: Type.Optional(Type.String()) });

/** `/openapi/{service}.json`: the description of each service, for generators of clients and pages. */
export function openApiService(services: () => readonly Service[]): Service {
  /**
   * Each document takes some 50 ms to make, for callers without a token. All are kept: there are a hundred,
   * of about 10 kB.
   */
  const made = new Map<string, Buffer>();
  const documentOf = (name: ServiceName, version: Microversion): PreparedJson => {
    const key = `${name} ${version}`;
    const known = made.get(key);
    if (known !== undefined) return new PreparedJson(inflateRawSync(known));
    const text = JSON.stringify(openApiDocument(services(), name, version));
    made.set(key, deflateRawSync(text));
    return new PreparedJson(text);
  };
  return {
    name: 'nameplate',
    prefix: '/openapi',
    hasMicroversions: false,
    unknownMethod: 404,
    tokenBeforePath: false,
    routes: DESCRIBED.map((name) => documentRoute(name, documentOf)),
  };
}

function documentRoute(
  name: ServiceName,
  documentOf: (name: ServiceName, version: Microversion) => PreparedJson,
): Route {
  const described = {
    method: 'GET',
    path: `/${name}.json`,
    access: 'anybody',
    policy: 'nameplate:openapi',
    summary: `Show the OpenAPI document of the ${name} service`,
    status: 200,
    response: anything,
  } as const;
  if (name !== 'compute')
    return route({ ...described, handle: async () => documentOf(name, MIN_MICROVERSION) });
  return route({
    ...described,
    summary: `${described.summary}, at \`microversion\` or the latest one`,
    schemas: { query: Query },
    handle: async ({ query }) => documentOf(name, versionWanted(query.microversion)),
  });
}

/** @throws {Failure} `invalid` */
function versionWanted(word = 'latest'): Microversion {
  if (word === 'latest') return MAX_MICROVERSION;
  const minor = Number(/^2\.([1-9]\d{0,2})$/.exec(word)?.[1] ?? Number.NaN);
  if (minor >= MIN_MICROVERSION && minor <= MAX_MICROVERSION) return minor;
  throw new Failure(
    'invalid',
    `microversion must be ${microversionText(MIN_MICROVERSION)} to ${microversionText(MAX_MICROVERSION)} or latest, not ${word.slice(0, 32)}`,
  );
}
