import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { asFailure, Failure, type FailureKind } from '../../model/failure.ts';
import { answerTo, refusal } from './failures.ts';

const answers: readonly [kind: FailureKind, status: number, fault: string][] = [
  ['invalid', 400, 'badRequest'],
  ['forbidden', 403, 'forbidden'],
  ['not-found', 404, 'itemNotFound'],
  ['not-acceptable', 406, 'computeFault'],
  ['conflict', 409, 'conflictingRequest'],
  ['over-quota', 403, 'forbidden'],
  ['too-large', 413, 'overLimit'],
  ['unsupported-media', 415, 'badMediaType'],
  ['not-implemented', 501, 'notImplemented'],
  ['unavailable', 503, 'serviceUnavailable'],
  ['timed-out', 504, 'computeFault'],
  ['outcome-unknown', 500, 'computeFault'],
  ['internal', 500, 'computeFault'],
];

describe('a failure as the Compute API answers it', () => {
  for (const [kind, status, fault] of answers)
    test(kind, () => {
      const answer = answerTo(new Failure(kind, 'so it is'), { service: 'compute' });
      assert.equal(answer.status, status);
      assert.equal(answer.contentType, 'application/json; charset=UTF-8');
      assert.deepEqual(JSON.parse(answer.body), { [fault]: { code: status, message: 'so it is' } });
    });

  test("a missing token is answered in Keystone's shape", () => {
    const { status, body } = answerTo(new Failure('unauthenticated', 'who?'), { service: 'compute' });
    assert.equal(status, 401);
    assert.deepEqual(JSON.parse(body), { error: { code: 401, message: 'who?', title: 'Unauthorized' } });
  });
});

test('the Identity API: code, message, title', () => {
  const { body } = answerTo(new Failure('not-found', 'Could not find user: x.'), { service: 'identity' });
  assert.deepEqual(JSON.parse(body), {
    error: { code: 404, message: 'Could not find user: x.', title: 'Not Found' },
  });
});

describe('the Image API: text or HTML, never JSON', () => {
  test('HTML, with everything escaped', () => {
    for (const accept of ['text/html,*/*', 'application/json', undefined]) {
      const answer = refusal(404, 'no <b> & "x"', { service: 'image', accept });
      assert.match(answer.contentType, /^text\/html/);
      assert.match(answer.body, /<title>404 Not Found<\/title>/);
      assert.match(answer.body, /no &lt;b&gt; &amp; "x"/);
    }
  });
  test('plain text to whom asks for it', () => {
    const answer = refusal(404, 'no image', { service: 'image', accept: 'text/plain' });
    assert.match(answer.contentType, /^text\/plain/);
    assert.match(answer.body, /^404 Not Found\n\nno image/);
  });
  test('a full store is 413, as Glance says it', () => {
    assert.equal(answerTo(new Failure('out-of-space', 'full'), { service: 'image' }).status, 413);
    assert.equal(answerTo(new Failure('out-of-space', 'full'), { service: 'compute' }).status, 503);
  });
});

test('what was not thrown on purpose says nothing of itself', () => {
  const failure = asFailure(new Error('/var/lib/secret: permission denied'));
  for (const service of ['compute', 'identity', 'image'] as const) {
    const { body, status } = answerTo(failure, { service });
    assert.equal(status, 500);
    assert.doesNotMatch(body, /secret|denied|at .*\.ts/);
  }
});
