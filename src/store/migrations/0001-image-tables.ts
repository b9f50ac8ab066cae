import type { Compilable } from 'kysely';
import type { StoreDialect } from '../sql/session.ts';
import { type Columns, table } from './tables.ts';

/** Images and flavors, with the columns that lists filter and sort by. */
export function imageTables(dialect: StoreDialect): Compilable[] {
  const { schema } = dialect.db;
  return [
    flavors(dialect),
    table(dialect, 'flavor_access', { flavor_id: 'text', project_id: 'text' })
      .addPrimaryKeyConstraint('flavor_access_key', ['flavor_id', 'project_id'])
      .addForeignKeyConstraint('flavor_access_flavor', ['flavor_id'], 'flavors', ['id'], (fk) =>
        fk.onDelete('cascade'),
      ),
    images(dialect),
    schema.createIndex('images_created').on('images').columns(['created_at', 'id']),
    ofImage(dialect, 'image_tags', { columns: { image_id: 'text', tag: 'text' }, key: ['image_id', 'tag'] }),
    ofImage(dialect, 'image_properties', {
      columns: { image_id: 'text', name: 'text', value: 'text' },
      key: ['image_id', 'name'],
    }),
    ofImage(dialect, 'image_members', {
      columns: {
        image_id: 'text',
        member_id: 'text',
        status: 'text',
        created_at: 'long',
        updated_at: 'long',
      },
      key: ['image_id', 'member_id'],
    }),
  ];
}

function flavors(dialect: StoreDialect): Compilable {
  return table(dialect, 'flavors', {
    id: 'text',
    generation: 'integer',
    name: 'text',
    vcpus: 'integer',
    ram_mb: 'integer',
    root_gb: 'integer',
    ephemeral_gb: 'integer',
    swap_mb: 'integer',
    rxtx_factor: 'real',
    is_public: 'integer',
    disabled: 'integer',
    created_at: 'long',
    body: 'text',
  })
    .addPrimaryKeyConstraint('flavors_key', ['id'])
    .addUniqueConstraint('flavors_name', ['name']);
}

function images(dialect: StoreDialect): Compilable {
  return table(dialect, 'images', {
    id: 'text',
    generation: 'integer',
    name: 'text?',
    owner: 'text',
    status: 'text',
    visibility: 'text',
    protected: 'integer',
    hidden: 'integer',
    disk_format: 'text?',
    container_format: 'text?',
    min_disk: 'integer',
    min_ram: 'integer',
    size: 'long?',
    created_at: 'long',
    updated_at: 'long',
    body: 'text',
  }).addPrimaryKeyConstraint('images_key', ['id']);
}

/** A table whose rows are deleted with their image. */
function ofImage(
  dialect: StoreDialect,
  name: string,
  shape: { columns: Columns; key: string[] },
): Compilable {
  return table(dialect, name, shape.columns)
    .addPrimaryKeyConstraint(`${name}_key`, shape.key)
    .addForeignKeyConstraint(`${name}_image`, ['image_id'], 'images', ['id'], (fk) => fk.onDelete('cascade'));
}
