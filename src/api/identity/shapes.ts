import {
  anything,
  flag,
  link,
  listOf,
  mapOf,
  nothing,
  object,
  optional,
  type Shape,
  text,
  textOrNull,
  texts,
  time,
  timeOrNull,
} from '../http/shape.ts';

/** Answers of the Identity API. */
const self = object({ self: text });
const page = object({ self: text, next: textOrNull, previous: textOrNull });
const options = mapOf(anything);

const one = (name: string, shape: Shape) => object({ [name]: shape });
const many = (name: string, shape: Shape) => object({ [name]: listOf(shape), links: page });

const projectShape = object(
  {
    id: text,
    name: text,
    domain_id: textOrNull,
    description: text,
    enabled: flag,
    parent_id: textOrNull,
    is_domain: flag,
    tags: texts,
    options,
    links: self,
  },
  'Project',
);
export const oneProject = one('project', projectShape);
export const projectList = many('projects', projectShape);
export const projectTags = object({ tags: texts, links: self });

/** A user also has the arbitrary keys with which it was created. */
const userShape: Shape = (version) => ({
  ...object({
    id: text,
    name: text,
    domain_id: text,
    enabled: flag,
    description: optional(text),
    email: optional(text),
    default_project_id: optional(text),
    password_expires_at: timeOrNull,
    options,
    links: self,
  })(version),
  title: 'User',
  additionalProperties: true,
});
export const oneUser = one('user', userShape);
export const userList = many('users', userShape);

const roleShape = object(
  { id: text, name: text, domain_id: textOrNull, description: textOrNull, options, links: self },
  'Role',
);
export const oneRole = one('role', roleShape);
export const roleList = many('roles', roleShape);

const domainShape = object(
  { id: text, name: text, description: text, enabled: flag, tags: texts, options, links: self },
  'Domain',
);
export const oneDomain = one('domain', domainShape);
export const domainList = many('domains', domainShape);

const named = {
  id: text,
  name: optional(text),
  domain: optional(object({ id: text, name: optional(text) })),
};
export const roleAssignments = many(
  'role_assignments',
  object(
    {
      role: object({ id: text, name: optional(text) }),
      user: object(named),
      scope: object({ project: object(named) }),
      links: object({ assignment: text, prior_role: optional(text) }),
    },
    'RoleAssignment',
  ),
);

const endpoint = { id: text, interface: text, region_id: text, region: text, url: text };
const catalogShape = listOf(
  object({ id: text, type: text, name: text, endpoints: listOf(object(endpoint)) }, 'CatalogService'),
);
export const catalogShown = object({ catalog: catalogShape, links: page });

const domainOfIt = object({ id: text, name: text });
export const tokenShown = object({
  token: object(
    {
      methods: texts,
      user: object({ id: text, name: text, domain: domainOfIt, password_expires_at: nothing }),
      audit_ids: texts,
      expires_at: time,
      issued_at: time,
      project: optional(object({ id: text, name: text, domain: domainOfIt })),
      is_domain: optional(flag),
      roles: optional(listOf(object({ id: text, name: text }))),
      catalog: optional(catalogShape),
    },
    'Token',
  ),
});

const serviceShape = object(
  { id: text, type: text, name: text, description: text, enabled: flag, links: self },
  'Service',
);
const endpointShape = object({ ...endpoint, service_id: text, enabled: flag, links: self }, 'Endpoint');
const regionShape = object({ id: text, description: text, parent_region_id: nothing, links: self }, 'Region');
/** Resources that are computed from the catalog, by name. */
export const catalogNouns: Readonly<Record<string, { readonly one: Shape; readonly many: Shape }>> = {
  service: { one: one('service', serviceShape), many: many('services', serviceShape) },
  endpoint: { one: one('endpoint', endpointShape), many: many('endpoints', endpointShape) },
  region: { one: one('region', regionShape), many: many('regions', regionShape) },
};

/** A list that is always empty. */
export const emptyListNamed = (name: string) => object({ [name]: listOf(anything), links: page });

const versionShape = object(
  {
    id: text,
    status: text,
    updated: time,
    links: listOf(link),
    'media-types': listOf(object({ base: text, type: text })),
  },
  'Version',
);
export const oneVersion = one('version', versionShape);
export const versionList = object({ versions: object({ values: listOf(versionShape) }) });
