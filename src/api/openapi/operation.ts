import { CONTENT_TYPES } from '../http/bodies.ts';
import type { Microversion } from '../http/microversion.ts';
import type { Response, Route } from '../http/route.ts';
import type { Service } from '../http/service.ts';
import { schemaAt } from '../http/shape.ts';
import type { Components } from './components.ts';
import type { DescribedResponse, Operation } from './open-api.ts';

/** The path and the microversion of a description. */
interface Describing {
  readonly service: Service;
  readonly version: Microversion;
  readonly components: Components;
}

const ERROR = { $ref: '#/components/responses/Error' };

/** Describes a route. */
export function operation(route: Route, at: Describing): Operation {
  const schema = route.schemas?.body === undefined ? {} : at.components.hoist(route.schemas.body);
  const hasBody = route.schemas?.body !== undefined || (route.bodyKind ?? 'json') !== 'json';
  const isBytes = route.bodyKind === 'image data';
  return {
    ...common(route, at),
    summary: route.summary,
    ...accessOf(route),
    ...(hasBody && { requestBody: bodyOf(route, isBytes ? {} : schema) }),
    responses: responsesOf(route, at),
  };
}

/** Describes the actions of one path as one operation, whose body is that of any action. */
export function actionsOperation(actions: readonly Route[], at: Describing): Operation {
  const [first] = actions as readonly [Route, ...Route[]];
  const bodies = actions.map(({ action, summary, schemas }) => ({
    title: action,
    description: summary,
    ...at.components.hoist(schemas?.body ?? {}),
  }));
  const each = actions.map((route) => [
    route.action!,
    { summary: route.summary, ...accessOf(route), responses: responsesOf(route, at) },
  ]);
  return {
    ...common(first, at),
    summary: 'Do one of several actions; the one key of the body names it',
    security: [{ token: [] }],
    requestBody: bodyOf(first, { oneOf: bodies }),
    responses: merged(actions.map((route) => responsesOf(route, at))),
    'x-actions': Object.fromEntries(each),
  };
}

function common({ method, path, schemas }: Route, { service }: Describing) {
  return {
    operationId: idOf(method, service.prefix + path),
    tags: [service.name],
    parameters: [
      ...pathParameters(path, schemas?.params),
      ...queryParameters(schemas?.query),
      ...headers(service),
    ],
  };
}

function accessOf({ access, policy }: Route) {
  return {
    security: access === 'anybody' ? [] : [{ token: [] }],
    'x-access': access,
    'x-policy': policy,
  };
}

/** E.g. `get_compute_v2_1_servers_server_id`. */
function idOf(method: string, path: string): string {
  const words = `${method.toLowerCase()} ${path}`.replace(/\(.*?\)/g, '').match(/\w+/g);
  return words!.join('_');
}

type Properties = Readonly<Record<string, object>>;
const propertiesOf = (schema: object | undefined) =>
  (schema as { properties?: Properties })?.properties ?? {};

function pathParameters(path: string, params: object | undefined): object[] {
  const known = propertiesOf(params);
  const names = [...path.matchAll(/:(\w+)/g)].map(([, name]) => name!);
  return names.map((name) => ({
    name,
    in: 'path',
    required: true,
    schema: known[name] ?? { type: 'string' },
  }));
}

function queryParameters(query: object | undefined): object[] {
  const { required = [] } = (query ?? {}) as { required?: readonly string[] };
  return Object.entries(propertiesOf(query)).map(([name, schema]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema,
  }));
}

function headers({ hasMicroversions }: Service): object[] {
  if (!hasMicroversions) return [];
  const schema = { type: 'string', examples: ['compute 2.93'] };
  return [{ name: 'OpenStack-API-Version', in: 'header', required: false, schema }];
}

function bodyOf({ bodyKind = 'json' }: Route, schema: object): object {
  const [type] = CONTENT_TYPES[bodyKind] as readonly [string];
  return { required: true, content: { [type]: { schema } } };
}

function responsesOf(route: Route, at: Describing): Operation['responses'] {
  const success: [number, Response | undefined][] = [
    [route.status, route.response ?? (route.status === 204 ? 'nothing' : undefined)],
    ...Object.entries(route.alsoAnswers ?? {}).map(
      ([status, each]) => [Number(status), each] as [number, Response],
    ),
  ];
  const described = success
    .filter(([status]) => status < 400)
    .map(([status, response]) => [String(status), responseOf(route, response, at)]);
  return { ...Object.fromEntries(described), default: ERROR };
}

function responseOf(route: Route, response: Response | undefined, at: Describing): DescribedResponse {
  const description = route.summary;
  if (response === 'nothing') return { description };
  if (response === 'bytes') return { description, content: { 'application/octet-stream': { schema: {} } } };
  const schema = response === undefined ? {} : at.components.hoist(schemaAt(response, at.version));
  return { description, content: { 'application/json': { schema } } };
}

/** Merges the responses of several actions, by status. */
function merged(all: readonly Operation['responses'][]): Operation['responses'] {
  const byStatus = Map.groupBy(all.flatMap(Object.entries<DescribedResponse>), ([status]) => status);
  const one = (responses: readonly DescribedResponse[]): DescribedResponse => {
    const schemas = responses.flatMap(({ content }) => content?.['application/json']?.schema ?? []);
    const description = 'The answer of one of the actions: see x-actions';
    if (schemas.length === 0) return { description };
    return {
      description,
      content: { 'application/json': { schema: schemas.length === 1 ? schemas[0]! : { anyOf: schemas } } },
    };
  };
  return Object.fromEntries(
    [...byStatus].map(([status, entries]) => [
      status,
      status === 'default' ? ERROR : one(entries.map(([, response]) => response)),
    ]),
  );
}
