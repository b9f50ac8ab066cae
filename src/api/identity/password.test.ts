import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hashPassword, MAX_PASSWORD_LENGTH, verifyPassword } from './password.ts';

test('a password is known again, another one is not', async () => {
  const stored = await hashPassword('päß 🔑');
  assert.match(stored, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
  assert.equal(await verifyPassword('päß 🔑', stored), true);
  assert.equal(await verifyPassword('päß 🔒', stored), false);
  assert.equal(await verifyPassword('', stored), false);
});

test('the same password has another hash each time', async () => {
  assert.notEqual(await hashPassword('x'), await hashPassword('x'));
});

test('without a hash, or with one that cannot be read, no password is right', async () => {
  assert.equal(await verifyPassword('', null), false);
  assert.equal(await verifyPassword('x', '$2b$12$notargon'), false);
});

test('parameters other than ours are read from the hash', async () => {
  // From the tests of the argon2 reference implementation (phc-winner-argon2, src/test.c).
  const stored = '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc';
  assert.equal(await verifyPassword('password', stored), true);
  assert.equal(await verifyPassword('Password', stored), false);
});

test('a password that is too long is refused before it costs anything', async () => {
  await assert.rejects(hashPassword('x'.repeat(MAX_PASSWORD_LENGTH + 1)), { kind: 'invalid' });
});
