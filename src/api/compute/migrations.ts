import { Type } from 'typebox';
import { type Route, route } from '../route.ts';
import { closedQuery } from './strict-query.ts';
import { LimitWord } from './words.ts';

const text = Type.Optional(Type.String());
const oldest = {
  hidden: text,
  host: text,
  instance_uuid: text,
  source_compute: text,
  status: text,
  migration_type: text,
};
const time = Type.Optional(Type.String({ format: 'date-time' }));
const paged = { ...oldest, limit: Type.Optional(LimitWord), marker: text, 'changes-since': time };
const bounded = { ...paged, 'changes-before': time };
const owned = { ...bounded, user_id: text, project_id: text };
const strict = (words: Parameters<typeof Type.Object>[0]) =>
  closedQuery({ schemas: { query: Type.Object(words) } });

const common = {
  method: 'GET',
  path: '/os-migrations',
  access: 'admin',
  policy: 'os_compute_api:os-migrations:index',
  summary: 'List migrations: none, until there are several hosts',
  status: 200,
  handle: async () => ({ migrations: [] }),
} as const;

/** https://docs.openstack.org/api-ref/compute/#migrations-os-migrations; its words grew with 2.59, 2.66 and 2.80. */
export const migrationRoutes: Route[] = [
  route({ ...common, until: '2.58', schemas: { query: Type.Object(oldest) } }),
  route({ ...common, since: '2.59', until: '2.65', schemas: { query: strict(paged) } }),
  route({ ...common, since: '2.66', until: '2.79', schemas: { query: strict(bounded) } }),
  route({ ...common, since: '2.80', schemas: { query: strict(owned) } }),
];
