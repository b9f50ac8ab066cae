import { type Route, route } from '../http/route.ts';
import { catalogAt, REGION, rootOf } from './catalog.ts';
import { AnyQuery, given, type QueryValues } from './filters.ts';
import { found } from './refusals.ts';
import { IdParams } from './schemas.ts';
import { catalogNouns } from './shapes.ts';
import { listLinks } from './views.ts';

function servicesAt(base: string) {
  return catalogAt(rootOf(base)).map(({ endpoints: _, ...service }) => ({
    ...service,
    enabled: true,
    links: { self: `${base}/v3/services/${service.id}` },
  }));
}

function endpointsAt(base: string) {
  return catalogAt(rootOf(base)).flatMap((service) =>
    service.endpoints.map((endpoint) => ({
      ...endpoint,
      service_id: service.id,
      enabled: true,
      links: { self: `${base}/v3/endpoints/${endpoint.id}` },
    })),
  );
}

function regionsAt(base: string) {
  return [
    {
      id: REGION,
      description: '',
      parent_region_id: null,
      links: { self: `${base}/v3/regions/${REGION}` },
    },
  ];
}

/** Rows whose named columns match the query. */
function narrowed<Row extends object>(
  rows: Row[],
  query: QueryValues,
  keys: readonly (keyof Row & string)[],
) {
  const wanted = Object.entries(given(query, Object.fromEntries(keys.map((key) => [key, key]))));
  return rows.filter((row) => wanted.every(([key, text]) => row[key as keyof Row] === text));
}

interface Noun<Row> {
  readonly one: string;
  readonly access: 'token' | 'admin';
  readonly rows: (base: string) => Row[];
  readonly filters: readonly (keyof Row & string)[];
}

/** List and show routes of a resource that is computed from the catalog and cannot be changed. */
function readOnly<Row extends { readonly id: string }>({ one, access, rows, filters }: Noun<Row>): Route[] {
  const many = `${one}s`;
  return [
    route({
      method: 'GET',
      path: `/v3/${many}`,
      access,
      policy: `identity:list_${many}`,
      summary: `List ${many}`,
      schemas: { query: AnyQuery },
      status: 200,
      response: catalogNouns[one]!.many,
      handle: async ({ base, query }) => ({
        [many]: narrowed(rows(base), query, filters),
        links: listLinks(`${base}/v3/${many}`),
      }),
    }),
    route({
      method: 'GET',
      path: `/v3/${many}/:id`,
      access,
      policy: `identity:get_${one}`,
      summary: `Show ${one}`,
      schemas: { params: IdParams },
      status: 200,
      response: catalogNouns[one]!.one,
      handle: async ({ base, params }) => ({
        [one]: found(
          rows(base).find(({ id }) => id === params.id),
          one,
          params.id,
        ),
      }),
    }),
  ];
}

/** /v3/services, /v3/endpoints, /v3/regions. */
export const catalogRoutes: readonly Route[] = [
  ...readOnly({ one: 'service', access: 'admin', rows: servicesAt, filters: ['name', 'type'] }),
  ...readOnly({
    one: 'endpoint',
    access: 'admin',
    rows: endpointsAt,
    filters: ['interface', 'service_id', 'region_id'],
  }),
  ...readOnly({ one: 'region', access: 'token', rows: regionsAt, filters: [] }),
];
