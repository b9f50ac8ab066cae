import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import { computeRoutes } from '../../../src/api/compute/routes.ts';
import type { Route } from '../../../src/api/http/route.ts';
import { errorsLogged } from '../api-under-test.ts';
import { type ComputeUnderTest, hostReport, startCompute } from './compute-under-test.ts';

/** Everything but servers, which need a whole compute service behind them. */
const ROUTES = computeRoutes.filter(({ path }) => !path.startsWith('/servers'));

/** Words that some schema somewhere means something by, among any others. */
const word = fc.oneof(
  fc.constantFrom('1', '-1', '0', 'true', 'None', 'x', '', 'nova-compute', 'cmp1', 'default', 'enable', 'f'),
  fc.string({ unit: 'grapheme', maxLength: 20 }),
);
const value = fc.oneof(word, fc.jsonValue(), fc.constantFrom(2 ** 31, -1, 1.5, null, '9'.repeat(30)));

/** Bodies that get past the first check: the right outer key with any inside. */
function bodyOf(route: Route): fc.Arbitrary<unknown> {
  const schema = route.schemas?.body as { properties?: Record<string, { properties?: object }> } | undefined;
  if (schema === undefined) return fc.constant(undefined);
  const outer = Object.entries(schema.properties ?? {});
  if (outer.length === 0) return fc.oneof(value, fc.dictionary(word, value));
  const inner = outer.map(([name, { properties }]) => {
    const names = Object.keys(properties ?? {});
    const known =
      names.length > 0 ? fc.dictionary(fc.constantFrom(...names), value) : fc.dictionary(word, value);
    return fc.oneof(known, value).map((inside) => ({ [name]: inside }));
  });
  return fc.oneof(value, ...inner);
}

function queryOf(route: Route): fc.Arbitrary<[string, string][]> {
  const schema = route.schemas?.query as { properties?: object } | undefined;
  const names = Object.keys(schema?.properties ?? {});
  const name = names.length > 0 ? fc.oneof(fc.constantFrom(...names), word) : word;
  return fc.array(fc.tuple(name, word), { maxLength: 3 });
}

describe('any input', () => {
  let compute: ComputeUnderTest;
  before(async () => {
    compute = await startCompute();
    await compute.api.store.hosts.report(hostReport('cmp1'));
    const flavor = { name: 'f', id: 'f', ram: 1, vcpus: 1, disk: 0 };
    await compute.get({ method: 'POST', path: '/flavors', body: { flavor } });
  });
  after(() => compute.close());

  for (const route of ROUTES) {
    const { method, path, since = '2.1', until = '2.93' } = route;
    test(`${method} ${path} from ${since} to ${until} never fails by itself`, async () => {
      const places = path.match(/:\w+/g) ?? [];
      const versions = fc.constantFrom(Number(since.slice(2)), Number(until.slice(2)));
      const input = fc.tuple(
        versions,
        fc.array(word, { minLength: 2, maxLength: 2 }),
        queryOf(route),
        bodyOf(route),
      );
      await fc.assert(
        fc.asyncProperty(input, async ([version, names, query, body]) => {
          const filled = places.reduce(
            (so, place, at) => so.replace(place, encodeURIComponent(names[at % 2] || 'x')),
            path,
          );
          const answer = await compute.ask({
            method: method as 'GET',
            path: `${filled}?${new URLSearchParams(query)}`,
            version,
            body,
          });
          const { statusCode } = answer;
          assert.ok(
            statusCode < 500 || statusCode === 501,
            `${statusCode} ${answer.body} ${errorsLogged.at(-1)}`,
          );
          if (statusCode >= 400) {
            const [fault] = Object.values(answer.json()) as [{ code: number; message: string }];
            assert.equal(fault.code, statusCode);
            assert.equal(typeof fault.message, 'string');
          }
        }),
        { numRuns: 15 },
      );
    });
  }
});
