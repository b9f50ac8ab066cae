import { MIN_MICROVERSION, type Microversion, microversionText } from '../http/microversion.ts';
import type { ServiceName } from '../http/rewritten-url.ts';
import { tablesOf } from '../http/route-table.ts';
import type { Service } from '../http/service.ts';
import { Components } from './components.ts';
import { errorResponses } from './error-responses.ts';
import type { OpenApiDocument, Operation } from './open-api.ts';
import { actionsOperation, operation } from './operation.ts';

const TITLES: Readonly<Record<ServiceName, string>> = {
  compute: 'Compute API, as Nova has it',
  identity: 'Identity API, as Keystone has it',
  image: 'Image API, as Glance has it',
  network: 'Network API, as Neutron has it',
  nameplate: 'What is Nameplate’s own',
};

/**
 * Describes the services of one name from their route tables.
 * @param version the Compute microversion to describe; other services have none
 */
export function openApiDocument(
  services: readonly Service[],
  name: ServiceName,
  version: Microversion = MIN_MICROVERSION,
): OpenApiDocument {
  const components = new Components();
  const paths: Record<string, Record<string, Operation>> = {};
  for (const service of services.filter((each) => each.name === name)) {
    const described = { service, version, components };
    for (const table of tablesOf(service.routes)) {
      const form = table.at(version)?.route;
      const actions = [...(table.actions?.values() ?? [])].flatMap((at) => at(version)?.route ?? []);
      if (form === undefined && actions.length === 0) continue;
      const path = paths[pathOf(service.prefix + table.path)] ?? {};
      paths[pathOf(service.prefix + table.path)] = path;
      path[table.method.toLowerCase()] =
        form === undefined ? actionsOperation(actions, described) : operation(form, described);
    }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: `Nameplate: ${TITLES[name]}`,
      version: name === 'compute' ? microversionText(version) : '1',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    tags: [{ name }],
    paths,
    components: {
      securitySchemes: { token: { type: 'apiKey', in: 'header', name: 'X-Auth-Token' } },
      responses: errorResponses(name),
      schemas: components.schemas(),
    },
  };
}

/** Converts `/servers/:server_id` to OpenAPI's `/servers/{server_id}`. */
export function pathOf(path: string): string {
  return path.replace(/\(.*?\)/g, '').replace(/:(\w+)/g, '{$1}');
}
