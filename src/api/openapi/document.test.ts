import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Validator } from '@seriousme/openapi-schema-validator';
import { MAX_MICROVERSION, MIN_MICROVERSION } from '../http/microversion.ts';
import type { Route } from '../http/route.ts';
import { services } from '../services.ts';
import { openApiDocument } from './document.ts';
import type { OpenApiDocument } from './open-api.ts';
import { DESCRIBED } from './service.ts';

/** Routes whose answer is not described yet. The list may only become shorter. */
const UNDESCRIBED: readonly string[] = [];

const latest = (name: (typeof DESCRIBED)[number]) => openApiDocument(services(), name, MAX_MICROVERSION);

describe('the OpenAPI documents', () => {
  for (const name of DESCRIBED)
    test(`that of ${name} is a valid OpenAPI 3.1 document, and its operations have names of their own`, async () => {
      const document = latest(name);
      await requireValid(document);
      const ids = Object.values(document.paths).flatMap((path) =>
        Object.values(path).map(({ operationId }) => operationId),
      );
      assert.equal(new Set(ids).size, ids.length);
      assert.ok(ids.length > 0);
    });

  test('that of compute is valid at every microversion where a route or an answer changes', async () => {
    const seen = new Set<string>();
    for (let version = MIN_MICROVERSION; version <= MAX_MICROVERSION; version++) {
      const { info: _, ...document } = openApiDocument(services(), 'compute', version);
      const text = JSON.stringify(document);
      if (seen.has(text)) continue;
      seen.add(text);
      await requireValid({
        ...document,
        info: { title: 'compute', version: `2.${version}` },
      } as OpenApiDocument);
    }
    assert.ok(seen.size > 30, `only ${seen.size} documents differ`);
  });

  test('every route says what its answer is, but for those of a list that only becomes shorter', () => {
    const undescribed = services().flatMap(({ prefix, routes }) =>
      routes.filter(isUndescribed).map(({ method, path }) => `${method} ${prefix}${path}`),
    );
    assert.deepEqual([...new Set(undescribed)].sort(), UNDESCRIBED.toSorted());
  });

  test('a field is there at the microversions that have it, and at no others', () => {
    const serverAt = (version: number) => {
      const { components } = openApiDocument(services(), 'compute', version) as unknown as {
        components: {
          schemas: Record<string, { properties: object; required: string[]; additionalProperties: false }>;
        };
      };
      return components.schemas.Server!;
    };
    assert.ok(!('tags' in serverAt(25).properties));
    assert.ok(serverAt(26).required.includes('tags'));
    assert.equal(serverAt(26).additionalProperties, false);
  });

  test('the body of a path with actions is one of theirs, and each action has its own answers', () => {
    const operation = latest('compute').paths['/compute/v2.1/servers/{server_id}/action']!.post!;
    const { content } = operation.requestBody as {
      content: Record<string, { schema: { oneOf: { required: string[] }[] } }>;
    };
    const { oneOf } = content['application/json']!.schema;
    const keys = oneOf.map(({ required: [key] }) => key);
    assert.deepEqual(keys.toSorted(), Object.keys(operation['x-actions']!).toSorted());
    assert.equal(operation['x-actions']!['os-start']!.responses['202']!.content, undefined);
    assert.ok(operation['x-actions']!['os-getConsoleOutput']!.responses['200']!.content);
  });
});

function isUndescribed({ response, status }: Route): boolean {
  return response === undefined && status < 400 && status !== 204;
}

async function requireValid(document: OpenApiDocument): Promise<void> {
  const validator = new Validator();
  const { valid, errors } = await validator.validate(JSON.parse(JSON.stringify(document)));
  assert.ok(valid, JSON.stringify(errors));
  validator.resolveRefs();
}
