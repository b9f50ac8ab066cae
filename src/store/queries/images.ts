import type { Selectable } from 'kysely';
import { Failure } from '../../model/failure.ts';
import type { ImageId, ProjectId } from '../../model/ids.ts';
import type { Image, ImageMember } from '../../model/image.ts';
import type { ImageQueries } from '../promise/images.ts';
import type { ImageMembersTable } from '../sql/schema.ts';
import type { Session } from '../sql/session.ts';
import { statement } from '../sql/statement.ts';
import { listImageRows } from './image-list.ts';
import { type ImageRow, imageOfRow, rowOfImage } from './image-row.ts';
import { isRetired, retire } from './retired-ids.ts';

const insert = statement((dialect, row: ImageRow) =>
  dialect.db
    .insertInto('images')
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .returning('id'),
);

const find = statement((dialect, of: { id: string }) =>
  dialect.db.selectFrom('images').selectAll().where('id', '=', of.id),
);

const update = statement((dialect, { id, seen, ...columns }: { seen: number } & ImageRow) =>
  dialect.db
    .updateTable('images')
    .set(columns)
    .where('id', '=', id)
    .where('generation', '=', seen)
    .returning('id'),
);

const remove = statement((dialect, of: { id: string }) =>
  dialect.db.deleteFrom('images').where('id', '=', of.id).returningAll(),
);

const addTag = statement((dialect, row: { image_id: string; tag: string }) =>
  dialect.db
    .insertInto('image_tags')
    .values(row)
    .onConflict((conflict) => conflict.doNothing()),
);
const dropTags = statement((dialect, of: { id: string }) =>
  dialect.db.deleteFrom('image_tags').where('image_id', '=', of.id),
);
const addProperty = statement((dialect, row: { image_id: string; name: string; value: string }) =>
  dialect.db.insertInto('image_properties').values(row),
);
const dropProperties = statement((dialect, of: { id: string }) =>
  dialect.db.deleteFrom('image_properties').where('image_id', '=', of.id),
);

const members = statement((dialect, of: { id: string }) =>
  dialect.db
    .selectFrom('image_members')
    .selectAll()
    .where('image_id', '=', of.id)
    .orderBy('created_at')
    .orderBy('member_id'),
);
const putMember = statement((dialect, row: Selectable<ImageMembersTable>) =>
  dialect.db
    .insertInto('image_members')
    .values(row)
    .onConflict((conflict) =>
      conflict.columns(['image_id', 'member_id']).doUpdateSet((eb) => ({
        status: eb.ref('excluded.status'),
        updated_at: eb.ref('excluded.updated_at'),
      })),
    ),
);
const removeMember = statement((dialect, of: { id: string; member: string }) =>
  dialect.db
    .deleteFrom('image_members')
    .where('image_id', '=', of.id)
    .where('member_id', '=', of.member)
    .returning('member_id'),
);

/** Queries of one session: images and their members. */
export function imageQueries(session: Session): ImageQueries {
  return {
    insert: (image) =>
      session.transaction(async (tx) => {
        const retired = await isRetired(tx, { kind: 'image', id: image.id });
        const [inserted] = retired ? [] : await insert(tx, rowOfImage(image));
        if (inserted === undefined) throw new Failure('conflict', `Image ID ${image.id} already exists!`);
        await describe(tx, image);
      }),
    async find(id) {
      const [row] = await find(session, { id });
      return row && imageOfRow(row);
    },
    async list(filter, page) {
      return (await listImageRows(session, filter, page)).map(imageOfRow);
    },
    update: (seen, patch) => session.transaction((tx) => updateImage(tx, seen, patch)),
    delete: (id) => session.transaction((tx) => deleteImage(tx, id)),
    async members(id) {
      return (await members(session, { id })).map(memberOf);
    },
    putMember: (member) => session.transaction(async (tx) => void (await putMember(tx, rowOfMember(member)))),
    deleteMember: (id, member) =>
      session.transaction(async (tx) => (await removeMember(tx, { id, member })).length > 0),
  };
}

/** Retires the id, because image caches and servers know the image by it. */
async function deleteImage(session: Session, id: ImageId): Promise<Image | undefined> {
  const [removed] = await remove(session, { id });
  if (removed !== undefined) await retire(session, { kind: 'image', id, at: Date.now() });
  return removed && imageOfRow(removed);
}

async function updateImage(
  session: Session,
  seen: Parameters<ImageQueries['update']>[0],
  patch: Parameters<ImageQueries['update']>[1],
): Promise<Image> {
  const [stored] = await find(session, { id: seen.id });
  if (stored === undefined) throw new Failure('not-found', `No image found with ID ${seen.id}`);
  const after: Image = { ...imageOfRow(stored), ...patch, generation: seen.generation + 1 };
  const [written] = await update(session, { seen: seen.generation, ...rowOfImage(after) });
  if (written === undefined)
    throw new Failure('conflict', `Image ${seen.id} was changed by another request. Try again.`);
  if (patch.tags !== undefined || patch.properties !== undefined) {
    await dropTags(session, { id: seen.id });
    await dropProperties(session, { id: seen.id });
    await describe(session, after);
  }
  return after;
}

/** Writes the tables by which images are searched: tags and properties. */
async function describe(session: Session, { id, tags, properties }: Image): Promise<void> {
  for (const tag of tags) await addTag(session, { image_id: id, tag });
  for (const [name, value] of Object.entries(properties))
    if (value !== null) await addProperty(session, { image_id: id, name, value });
}

function rowOfMember(member: ImageMember): Selectable<ImageMembersTable> {
  const { imageId, memberId, status, createdAt, updatedAt } = member;
  return { image_id: imageId, member_id: memberId, status, created_at: createdAt, updated_at: updatedAt };
}

function memberOf(row: Selectable<ImageMembersTable>): ImageMember {
  return {
    imageId: row.image_id as ImageId,
    memberId: row.member_id as ProjectId,
    status: row.status as ImageMember['status'],
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
