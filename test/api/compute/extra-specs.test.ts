import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type ComputeUnderTest, startCompute } from './compute-under-test.ts';

describe('extra specs', () => {
  let compute: ComputeUnderTest;
  const path = '/flavors/f/os-extra_specs';
  const specs = async () => (await compute.get<{ extra_specs: object }>({ path })).extra_specs;
  const post = (extra_specs: object, version?: number) =>
    compute.ask({ method: 'POST', path, body: { extra_specs }, ...(version && { version }) });
  before(async () => {
    compute = await startCompute();
    const flavor = { name: 'f', id: 'f', ram: 1, vcpus: 1, disk: 0 };
    await compute.get({ method: 'POST', path: '/flavors', body: { flavor } });
  });
  after(() => compute.close());

  test('added, shown, changed, deleted', async () => {
    const added = await post({ 'hw:unique_serial': 'true', free: 1 });
    assert.deepEqual(added.json(), { extra_specs: { 'hw:unique_serial': 'true', free: 1 } });
    assert.deepEqual(await specs(), { 'hw:unique_serial': 'true', free: '1' });
    const one = `${path}/hw:unique_serial`;
    assert.deepEqual(await compute.get({ path: one }), { 'hw:unique_serial': 'true' });
    const put = await compute.get({ method: 'PUT', path: one, body: { 'hw:unique_serial': 'off' } });
    assert.deepEqual(put, { 'hw:unique_serial': 'off' });
    const deleted = await compute.ask({ method: 'DELETE', path: one });
    assert.deepEqual([deleted.statusCode, deleted.body], [200, '']);
    assert.deepEqual(await specs(), { free: '1' });
    const message = 'Flavor f has no extra specs with key hw:unique_serial.';
    for (const method of ['GET', 'DELETE'] as const)
      assert.deepEqual(await compute.get({ method, path: one }, 404), {
        itemNotFound: { code: 404, message },
      });
  });

  for (const version of [1, 85, 86, 93])
    test(`a serial's word that is none is refused at 2.${version}, and nothing is stored`, async () => {
      const before = await specs();
      const answer = await post({ fine: 'x', 'hw:unique_serial': 'enabled' }, version);
      assert.equal(answer.statusCode, 400);
      assert.match(answer.json().badRequest.message, /'enabled'.*1, t, true, on, y, yes/);
      assert.deepEqual(await specs(), before);
    });

  for (const version of [1, 85, 86, 93])
    for (const key of [
      'hw:unique-serial',
      'hw:uniqueserial',
      'HW:unique_serial',
      'hw: unique_serial',
      'hw:unique_serail',
      'unique_serial',
    ])
      test(`'${key}', nearly the name of a serial's spec, is refused at 2.${version} with the right one`, async () => {
        const before = await specs();
        const answer = await post({ fine: 'x', [key]: 'true' }, version);
        assert.equal(answer.statusCode, 400);
        assert.match(answer.json().badRequest.message, /the extra spec is 'hw:unique_serial'/);
        assert.deepEqual(await specs(), before);
      });

  for (const version of [1, 86])
    test(`hw_unique_serial, which aggregates may be matched by, is stored at 2.${version}`, async () => {
      assert.equal((await post({ hw_unique_serial: 'true' }, version)).statusCode, 200);
      const shown = await compute.get({ path: `${path}/hw_unique_serial` });
      assert.deepEqual(shown, { hw_unique_serial: 'true' });
      assert.equal(
        (await compute.ask({ method: 'DELETE', path: `${path}/hw_unique_serial` })).statusCode,
        200,
      );
    });

  for (const word of ['1', 'T', ' yes ', 'OFF', 'n', 0])
    test(`takes ${JSON.stringify(word)} for a serial`, async () =>
      assert.equal((await post({ 'hw:unique_serial': word })).statusCode, 200));

  test('unknown names of known namespaces are refused from 2.86', async () => {
    assert.equal((await post({ 'hw:nothing_known': 'x' }, 85)).statusCode, 200);
    const answer = await post({ 'hw:nothing_known': 'x' }, 86);
    assert.equal(
      answer.json().badRequest.message,
      "Validation failed; extra spec 'hw:nothing_known' does not appear to be a valid extra spec.",
    );
  });

  const refused: [string, object][] = [
    ['a name of other letters', { 'a/b': 'x' }],
    ['a name that is too long', { ['k'.repeat(256)]: 'x' }],
    ['a boolean', { k: true }],
    ['null', { k: null }],
    ['an object', { k: {} }],
    ['a long value', { k: 'v'.repeat(256) }],
  ];
  for (const [what, body] of refused)
    test(`refuses ${what}`, async () => assert.equal((await post(body)).statusCode, 400));

  test('a body of another key, of none, of two', async () => {
    const put = (body: object) => compute.ask({ method: 'PUT', path: `${path}/k`, body });
    const other = await put({ j: 'x' });
    assert.equal(other.statusCode, 400);
    assert.equal(other.json().badRequest.message, 'Request body and URI mismatch');
    assert.equal((await put({})).statusCode, 400);
    assert.equal((await put({ k: 'x', j: 'x' })).statusCode, 400);
  });

  test('an unknown flavor', async () => {
    await compute.get({ path: '/flavors/zz/os-extra_specs' }, 404);
    const body = { extra_specs: { a: 'b' } };
    await compute.get({ method: 'POST', path: '/flavors/zz/os-extra_specs', body }, 404);
  });
});
