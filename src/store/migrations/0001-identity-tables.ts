import type { Compilable } from 'kysely';
import type { StoreDialect } from '../sql/session.ts';
import { table } from './tables.ts';

/** Domains, projects, users and roles, with role assignments, tokens and keypairs. */
export function identityTables(dialect: StoreDialect): Compilable[] {
  const { schema } = dialect.db;
  return [
    noun(dialect, 'domains'),
    ofDomain(dialect, 'projects'),
    ofDomain(dialect, 'users'),
    noun(dialect, 'roles'),
    table(dialect, 'assignments', { user_id: 'text', project_id: 'text', role_id: 'text' })
      .addPrimaryKeyConstraint('assignments_key', ['user_id', 'project_id', 'role_id'])
      .addForeignKeyConstraint('assignments_user', ['user_id'], 'users', ['id'], (fk) =>
        fk.onDelete('cascade'),
      )
      .addForeignKeyConstraint('assignments_project', ['project_id'], 'projects', ['id'], (fk) =>
        fk.onDelete('cascade'),
      )
      .addForeignKeyConstraint('assignments_role', ['role_id'], 'roles', ['id'], (fk) =>
        fk.onDelete('cascade'),
      ),
    schema.createIndex('assignments_of_project').on('assignments').columns(['project_id']),
    schema.createIndex('assignments_of_role').on('assignments').columns(['role_id']),
    tokens(dialect),
    schema.createIndex('tokens_of_user').on('tokens').columns(['user_id']),
    schema.createIndex('tokens_of_project').on('tokens').columns(['project_id']),
    schema.createIndex('tokens_expiry').on('tokens').columns(['expires_at']),
    table(dialect, 'keypairs', {
      number: 'counted',
      user_id: 'text',
      name: 'text',
      type: 'text',
      public_key: 'text',
      fingerprint: 'text',
      created_at: 'long',
    }).addUniqueConstraint('keypairs_name', ['user_id', 'name']),
    table(dialect, 'quota_limits', {
      project_id: 'text',
      resource: 'text',
      value: 'long',
    }).addPrimaryKeyConstraint('quota_limits_key', ['project_id', 'resource']),
  ];
}

function noun(dialect: StoreDialect, name: string) {
  return table(dialect, name, {
    id: 'text',
    name: 'text',
    domain_id: 'text',
    enabled: 'integer',
    body: 'text',
  })
    .addPrimaryKeyConstraint(`${name}_key`, ['id'])
    .addUniqueConstraint(`${name}_name`, ['domain_id', 'name']);
}

function ofDomain(dialect: StoreDialect, name: string): Compilable {
  return noun(dialect, name).addForeignKeyConstraint(
    `${name}_domain`,
    ['domain_id'],
    'domains',
    ['id'],
    (fk) => fk.onDelete('cascade'),
  );
}

function tokens(dialect: StoreDialect): Compilable {
  return table(dialect, 'tokens', {
    hash: 'text',
    user_id: 'text',
    project_id: 'text?',
    methods: 'text',
    audit_ids: 'text',
    issued_at: 'long',
    expires_at: 'long',
  })
    .addPrimaryKeyConstraint('tokens_key', ['hash'])
    .addForeignKeyConstraint('tokens_user', ['user_id'], 'users', ['id'], (fk) => fk.onDelete('cascade'))
    .addForeignKeyConstraint('tokens_project', ['project_id'], 'projects', ['id'], (fk) =>
      fk.onDelete('cascade'),
    );
}
