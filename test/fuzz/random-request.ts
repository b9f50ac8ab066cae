import fc from 'fast-check';
import { boundsOf } from '../../src/api/http/microversion.ts';
import type { Route } from '../../src/api/http/route.ts';
import { services } from '../../src/api/services.ts';
import { fromSchema, type Reference, reference } from './from-schema.ts';
import { hostileText, hostileValue } from './hostile-values.ts';
import { type TokenKind, tokenFor } from './token-kinds.ts';

/** A request as it is generated: references stand where ids of the cloud are put in when it is sent. */
export interface RandomRequest {
  readonly method: string;
  /** Literal text and references, in order. */
  readonly path: readonly (string | Reference)[];
  /** Pairs after `?`. */
  readonly query: readonly (readonly [name: string, value: unknown])[];
  readonly token: TokenKind;
  readonly version: string | undefined;
  readonly contentType: string | undefined;
  /** JSON with references, or a text that is sent as it is. */
  readonly body: unknown;
  /** The route that it was made for, e.g. `GET /compute/v2.1/servers`. */
  readonly route: string;
}

/** What a path's parameter names, by the parameter or by what stands before it. */
const NOUN_OF_PARAMETER: Readonly<Record<string, string>> = {
  server_id: 'server',
  image_id: 'image',
  flavor_id: 'flavor',
  keypair_name: 'keypair',
  project_id: 'project',
  projectId: 'project',
  userId: 'user',
  roleId: 'role',
  domainId: 'domain',
  hypervisor_id: 'hypervisor',
  service_id: 'service',
  aggregate_id: 'aggregate',
  server_group_id: 'group',
  host_name: 'host',
  request_id: 'request',
  migration_id: 'migration',
  member: 'project',
  version: 'version',
};
const NOUN_OF_PREFIX: readonly (readonly [RegExp, string])[] = [
  [/\/projects\/:id/, 'project'],
  [/\/users\/:id/, 'user'],
  [/\/roles\/:id/, 'role'],
  [/\/domains\/:id/, 'domain'],
  [/\/images\/:id/, 'image'],
];

const CONTENT_TYPES: readonly (string | undefined)[] = [
  ...['application/json', 'application/json; charset=utf-8', 'text/plain', 'application/octet-stream'],
  ...['application/openstack-images-v2.1-json-patch', 'application/x-www-form-urlencoded', undefined],
]; // biome-ignore format: a list

const QUERY_NAMES = [
  'limit',
  'marker',
  'sort_key',
  'sort_dir',
  'name',
  'status',
  'host',
  'all_tenants',
  'id',
  'changes-since',
];

/** @returns requests over every route of the services, microversions and kinds of token */
export function randomRequest(): fc.Arbitrary<RandomRequest> {
  const requests = services().flatMap(({ name, prefix, routes, hasMicroversions }) =>
    routes
      .filter((route) => !endsTheRun(name, route))
      .map((route) => ({ route, made: requestOf(route, { prefix, service: name, hasMicroversions }) })),
  );
  const isAction = ({ route }: { route: Route }) => route.action !== undefined;
  const ofActions = requests.filter(isAction).map(({ made }) => made);
  const ofRoutes = requests.filter((each) => !isAction(each)).map(({ made }) => made);
  return fc.oneof(
    { weight: 12, arbitrary: fc.oneof(...ofRoutes) },
    { weight: 4, arbitrary: fc.oneof(...ofActions) },
    { weight: 1, arbitrary: strayRequest() },
  );
}

/** What takes the tokens away with which the run goes on. */
function endsTheRun(service: string, { method, path }: Route): boolean {
  return service === 'identity' && method === 'DELETE' && path === '/v3/auth/tokens';
}

function requestOf(
  route: Route,
  { prefix, service, hasMicroversions }: { prefix: string; service: string; hasMicroversions: boolean },
): fc.Arbitrary<RandomRequest> {
  const { method, path, action, schemas } = route;
  const hasBody = method !== 'GET' && method !== 'HEAD' && method !== 'DELETE';
  const usual = isData(route)
    ? 'application/octet-stream'
    : method === 'PATCH' && service === 'image'
      ? CONTENT_TYPES[4]
      : CONTENT_TYPES[0];
  return fc.record({
    method: fc.constant(method),
    path: pathOf(`${prefix}${path}`),
    query: queryOf(schemas?.query),
    token: tokenFor(route.access),
    version: hasMicroversions ? versionOf(route) : fc.constant(undefined),
    contentType: hasBody
      ? rarely(fc.constant(usual), fc.constantFrom(...CONTENT_TYPES))
      : fc.constant(undefined),
    body: hasBody ? bodyOf(route) : fc.constant(undefined),
    route: fc.constant([`${method} ${prefix}${path}`, ...(action === undefined ? [] : [action])].join(' ')),
  });
}

function isData({ path, method }: Route): boolean {
  return method === 'PUT' && path.endsWith('/file');
}

function bodyOf(route: Route): fc.Arbitrary<unknown> {
  if (isData(route)) return fc.string({ unit: 'binary', maxLength: 2_000 });
  const near = route.schemas?.body === undefined ? hostileValue : fromSchema(route.schemas.body as object);
  const broken = fc.constantFrom(
    '',
    '{',
    '[',
    '{"a":',
    'null',
    '\u0000',
    `${'['.repeat(20_000)}`,
    '{"a":1,"a":2}',
    '"x"',
  );
  return fc.oneof(
    { weight: 16, arbitrary: near },
    { weight: 1, arbitrary: hostileValue },
    { weight: 1, arbitrary: broken.map((text) => new RawText(text)) },
  );
}

/** A body that is sent as it is. */
export class RawText {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

function pathOf(path: string): fc.Arbitrary<readonly (string | Reference)[]> {
  const parts = path.split(/(:\w+)/).filter((part) => part !== '');
  return fc.tuple(
    ...parts.map((part, index) =>
      part.startsWith(':')
        ? parameterOf(part.slice(1), parts.slice(0, index + 1).join(''))
        : fc.constant(part),
    ),
  );
}

function parameterOf(name: string, upToIt: string): fc.Arbitrary<string | Reference> {
  const noun =
    NOUN_OF_PARAMETER[name] ?? NOUN_OF_PREFIX.find(([prefix]) => prefix.test(upToIt))?.[1] ?? `word`;
  return rarely<string | Reference>(
    reference(noun),
    hostileText.map((text) => encodeURIComponent(text.toWellFormed().slice(0, 2_000)) || 'x'),
  );
}

function versionOf(route: Route): fc.Arbitrary<string | undefined> {
  const { first, last } = boundsOf(route);
  const right = fc.integer({ min: first, max: last }).map((minor) => `2.${minor}`);
  return rarely(right, fc.constantFrom(undefined, 'latest', '2.1', '2.999', '3.0', 'x'));
}

function queryOf(schema: object | undefined): fc.Arbitrary<RandomRequest['query']> {
  const names = [
    ...Object.keys((schema as { properties?: object } | undefined)?.properties ?? {}),
    ...QUERY_NAMES,
  ];
  const value = fc.oneof(hostileText, fc.nat(2_000).map(String), reference('server'), reference('project'));
  const pair = fc.tuple(fc.constantFrom(...names), value);
  return fc.oneof(
    { weight: 12, arbitrary: fc.constant([]) },
    { weight: 6, arbitrary: fc.array(pair, { maxLength: 3 }) },
    {
      weight: 1,
      arbitrary: fc.tuple(pair, fc.constantFrom(50, 400)).map(([one, count]) => Array(count).fill(one)),
    },
  );
}

/** Paths and methods that are in no table. */
function strayRequest(): fc.Arbitrary<RandomRequest> {
  const prefix = fc.constantFrom(
    '',
    '/',
    '/compute',
    '/compute/v2.1',
    '/compute/v2',
    '/identity',
    '/identity/v3',
    '/identity/v2.0',
    '/image',
    '/image/v2',
    '/nameplate/v1',
  );
  const tail = fc.array(
    fc.oneof(hostileText, fc.constantFrom('servers', 'detail', 'users', 'images', '..', '.', '')),
    { maxLength: 4 },
  );
  return fc.record({
    method: fc.constantFrom('GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'),
    path: fc
      .tuple(prefix, tail)
      .map(([start, words]) => [
        [start || '/', ...words.map((word) => encodeURIComponent(word.toWellFormed().slice(0, 500)))].join(
          '/',
        ),
      ]),
    query: queryOf(undefined),
    token: tokenFor('anybody'),
    version: fc.constant(undefined),
    contentType: fc.constantFrom(...CONTENT_TYPES),
    body: fc.oneof(fc.constant(undefined), hostileValue),
    route: fc.constant('stray'),
  });
}

function rarely<T>(usual: fc.Arbitrary<T>, rare: fc.Arbitrary<T>): fc.Arbitrary<T> {
  return fc.oneof({ weight: 10, arbitrary: usual }, { weight: 1, arbitrary: rare });
}
