import assert from 'node:assert/strict';
import { subscribe } from 'node:diagnostics_channel';
import { after } from 'node:test';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { MIN_MICROVERSION } from '../../src/api/http/microversion.ts';
import { serviceOf } from '../../src/api/http/rewritten-url.ts';
import { openApiDocument, pathOf } from '../../src/api/openapi/document.ts';
import type { DescribedResponse, OpenApiDocument, Operation } from '../../src/api/openapi/open-api.ts';
import { services } from '../../src/api/services.ts';

/**
 * What answers said otherwise than the OpenAPI documents, a sentence each; one is enough to fail the file.
 */
const differences = new Set<string>();
const MAX_SHOWN = 20;

// Whoever imports this has every answer of every API in its process held against the document of its
// microversion.
subscribe('fastify.initialization', (message) => {
  const { fastify } = message as { fastify: FastifyInstance };
  fastify.addHook('onSend', async (request, reply, payload) => {
    try {
      const found = differenceOf(request, reply, payload);
      if (found !== undefined) differences.add(found);
    } catch (error) {
      differences.add(`${request.method} ${request.url}: ${(error as Error).stack}`);
    }
    return payload;
  });
});

/** Takes the differences found so far: for the test of this file. */
export function takeDifferences(): string[] {
  const taken = [...differences];
  differences.clear();
  return taken;
}

after(() => {
  const shown = [...differences].slice(0, MAX_SHOWN).join('\n');
  assert.equal(
    differences.size,
    0,
    `${differences.size} answers differ from the OpenAPI documents:\n${shown}`,
  );
});

interface Described {
  readonly document: OpenApiDocument;
  readonly id: string;
}

const ajv = new Ajv2020({ strict: false, validateFormats: false, logger: false });
const documents = new Map<string, Described>();
const checks = new Map<string, ValidateFunction>();

/** @returns what an answer has that the document has not, as a sentence */
function differenceOf(request: FastifyRequest, reply: FastifyReply, payload: unknown): string | undefined {
  if (request.routeOptions.config.table === undefined || !request.requestState) return undefined;
  const { document, id } = documentFor(request);
  const found = operationFor(document, request);
  if (found === undefined)
    return reply.statusCode < 400 ? `${named(request)} is in no OpenAPI document` : undefined;
  const { operation, pointer } = responsesFor(found, request);
  const status = String(reply.statusCode);
  const key = status in operation.responses ? status : reply.statusCode < 400 ? undefined : 'default';
  if (key === undefined)
    return `${named(request)} answered ${status}, which its OpenAPI document does not have`;
  return differenceOfBody({ request, reply, payload, id }, [
    operation.responses[key]!,
    [...pointer, 'responses', key],
  ]);
}

function differenceOfBody(
  answer: { request: FastifyRequest; reply: FastifyReply; payload: unknown; id: string },
  [response, pointer]: [DescribedResponse, readonly string[]],
): string | undefined {
  const { request, reply, payload, id } = answer;
  if (request.method === 'HEAD') return undefined;
  const type = String(reply.getHeader('content-type') ?? '').split(';')[0]!;
  const isEmpty = payload === undefined || payload === null || payload === '';
  if (response.$ref !== undefined)
    return type.endsWith('json') ? invalid(answer, '/components/responses/Error') : undefined;
  if (response.content === undefined)
    return isEmpty
      ? undefined
      : `${named(request)} has a body, and its OpenAPI document says that it has none`;
  if (isEmpty) return `${named(request)} has no body, and its OpenAPI document describes one`;
  if (response.content['application/json'] === undefined) return undefined;
  return invalid({ ...answer, id }, `/${pointer.map(escaped).join('/')}`);
}

function invalid(
  {
    request,
    reply,
    payload,
    id,
  }: { request: FastifyRequest; reply: FastifyReply; payload: unknown; id: string },
  pointer: string,
): string | undefined {
  const $ref = `${id}#${pointer}/content/application~1json/schema`;
  let check = checks.get($ref);
  if (check === undefined) {
    check = ajv.compile({ $ref });
    checks.set($ref, check);
  }
  const body = JSON.parse(String(payload));
  if (check(body)) return undefined;
  const { instancePath, message, params } = check.errors!.at(-1)!;
  const text = String(payload).slice(0, 600);
  return `${named(request)} (${reply.statusCode}): ${instancePath || 'the body'} ${message} ${JSON.stringify(params)}: ${text}`;
}

function documentFor(request: FastifyRequest): Described {
  const name = request.url.startsWith('/openapi/') ? 'nameplate' : serviceOf(request.url);
  const version = request.requestState.version ?? MIN_MICROVERSION;
  const id = `${name}-${version}`;
  let described = documents.get(id);
  if (described === undefined) {
    described = { id, document: openApiDocument(services(), name, version) };
    documents.set(id, described);
    ajv.addSchema(described.document, id);
  }
  return described;
}

interface Found {
  readonly operation: Operation;
  readonly pointer: readonly string[];
}

function operationFor(document: OpenApiDocument, request: FastifyRequest): Found | undefined {
  const { url = '', config } = request.routeOptions;
  const path = [pathOf(url), `${pathOf(url)}/`, pathOf(url).replace(/\/$/, '')].find(
    (each) => each in document.paths,
  );
  if (path === undefined) return undefined;
  const method = config.table!.method.toLowerCase();
  const operation = document.paths[path]![method];
  return operation && { operation, pointer: ['paths', path, method] };
}

/** An action's own answers, where the body names one. */
function responsesFor({ operation, pointer }: Found, request: FastifyRequest) {
  const [key = ''] = Object.keys((request.body as object | undefined | null) ?? {});
  const actions = operation['x-actions'] ?? {};
  if (!Object.hasOwn(actions, key)) return { operation, pointer };
  return { operation: actions[key]!, pointer: [...pointer, 'x-actions', key] };
}

function escaped(step: string): string {
  return encodeURIComponent(step.replaceAll('~', '~0').replaceAll('/', '~1'));
}

function named(request: FastifyRequest): string {
  const { url = '', config } = request.routeOptions;
  const [key] =
    config.table?.actions === undefined ? [] : Object.keys((request.body as object | undefined | null) ?? {});
  return `${request.method} ${url}${key === undefined ? '' : ` ${key}`} at 2.${request.requestState.version}`;
}
