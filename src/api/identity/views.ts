import type { Domain, Project, Role, User } from '../../model/identity.ts';

/** The links of a list, which never has more than one page. */
export function listLinks(self: string) {
  return { self, next: null, previous: null };
}

export function projectView(project: Project, base: string) {
  return {
    id: project.id,
    name: project.name,
    domain_id: project.domainId,
    description: project.description,
    enabled: project.enabled,
    parent_id: project.domainId,
    is_domain: false,
    tags: project.tags,
    options: {},
    links: { self: `${base}/v3/projects/${project.id}` },
  };
}

export function domainAsProject({ id, name, description, enabled }: Domain, base: string) {
  return {
    ...{ id, name, description, enabled },
    domain_id: null,
    parent_id: null,
    is_domain: true,
    tags: [],
    options: {},
    links: { self: `${base}/v3/projects/${id}` },
  };
}

export function userView(user: User, base: string) {
  return {
    ...user.extra,
    ...(user.description === null ? {} : { description: user.description }),
    ...(user.email === null ? {} : { email: user.email }),
    ...(user.defaultProjectId === null ? {} : { default_project_id: user.defaultProjectId }),
    id: user.id,
    name: user.name,
    domain_id: user.domainId,
    enabled: user.enabled,
    password_expires_at: null,
    options: {},
    links: { self: `${base}/v3/users/${user.id}` },
  };
}

export function roleView(role: Role, base: string) {
  return {
    id: role.id,
    name: role.name,
    domain_id: role.domainId,
    description: role.description,
    options: {},
    links: { self: `${base}/v3/roles/${role.id}` },
  };
}

export function domainView(domain: Domain, base: string) {
  return {
    id: domain.id,
    name: domain.name,
    description: domain.description,
    enabled: domain.enabled,
    tags: [],
    options: {},
    links: { self: `${base}/v3/domains/${domain.id}` },
  };
}
