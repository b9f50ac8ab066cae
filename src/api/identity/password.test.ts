import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hashPassword, MAX_PASSWORD_LENGTH, verifyPassword } from './password.ts';

const BY = { address: '192.0.2.1', user: 'anybody' };

test('a password is known again, another one is not', async () => {
  const stored = await hashPassword('päß 🔑', BY);
  assert.match(stored, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
  assert.equal(await verifyPassword('päß 🔑', stored, BY), true);
  assert.equal(await verifyPassword('päß 🔒', stored, BY), false);
  assert.equal(await verifyPassword('', stored, BY), false);
});

test('the same password has another hash each time', async () => {
  assert.notEqual(await hashPassword('x', BY), await hashPassword('x', BY));
});

test('without a hash, or with one that cannot be read, no password is right', async () => {
  assert.equal(await verifyPassword('', null, BY), false);
  assert.equal(await verifyPassword('x', '$2b$12$notargon', BY), false);
});

test('parameters other than ours are read from the hash', async () => {
  // From the tests of the argon2 reference implementation (phc-winner-argon2, src/test.c).
  const stored = '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc';
  assert.equal(await verifyPassword('password', stored, BY), true);
  assert.equal(await verifyPassword('Password', stored, BY), false);
});

test('a password that is too long is refused before it costs anything', async () => {
  await assert.rejects(hashPassword('x'.repeat(MAX_PASSWORD_LENGTH + 1), BY), { kind: 'invalid' });
});
