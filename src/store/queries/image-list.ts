import type { Expression, ExpressionBuilder, SqlBool } from 'kysely';
import type { ImageFilter } from '../promise/images.ts';
import type { Page, TimeBound } from '../promise/page.ts';
import { type PageArguments, type PageForm, pageOf, planPage, type SortColumn } from '../sql/paging.ts';
import type { Schema } from '../sql/schema.ts';
import type { Session } from '../sql/session.ts';
import { statement } from '../sql/statement.ts';
import type { ImageRow } from './image-row.ts';

type Column = Exclude<keyof ImageRow, 'body'>;

const never = (column: Column): SortColumn<Column> => ({ column, nullable: false });
const maybe = (column: Column): SortColumn<Column> => ({ column, nullable: true });

/** Glance's sort keys and its default order (glance/api/v2/images.py). */
const ORDER = {
  keys: {
    container_format: maybe('container_format'),
    created_at: never('created_at'),
    disk_format: maybe('disk_format'),
    id: never('id'),
    min_disk: never('min_disk'),
    min_ram: never('min_ram'),
    name: maybe('name'),
    owner: never('owner'),
    os_hidden: never('hidden'),
    protected: never('protected'),
    size: maybe('size'),
    status: never('status'),
    updated_at: never('updated_at'),
    visibility: never('visibility'),
  },
  usual: [{ ...never('created_at'), direction: 'desc' }],
  last: 'id',
} as const;

/** The values of the filter; undefined for a filter that is not given. */
interface Arguments extends PageArguments {
  visibleTo: string | undefined;
  names: readonly string[] | undefined;
  statuses: readonly string[] | undefined;
  visibility: string | undefined;
  memberStatus: string | undefined;
  owner: string | undefined;
  tags: readonly string[] | undefined;
  diskFormats: readonly string[] | undefined;
  containerFormats: readonly string[] | undefined;
  sizeMin: number | undefined;
  sizeMax: number | undefined;
  hidden: number | undefined;
  protected: number | undefined;
  createdAt: readonly number[] | undefined;
  updatedAt: readonly number[] | undefined;
  propertyNames: readonly string[] | undefined;
  propertyValues: readonly string[] | undefined;
}

interface Form extends PageForm<Column> {
  readonly createdAt: readonly TimeBound['operator'][];
  readonly updatedAt: readonly TimeBound['operator'][];
  readonly community: boolean;
}

type Builder = ExpressionBuilder<Schema, 'images'>;

const SIGNS = { gt: '>', gte: '>=', lt: '<', lte: '<=', eq: '=', neq: '!=' } as const;
const IN = [
  ['name', 'names'],
  ['status', 'statuses'],
  ['disk_format', 'diskFormats'],
  ['container_format', 'containerFormats'],
] as const;
const EQUAL = [
  ['visibility', 'visibility'],
  ['owner', 'owner'],
  ['hidden', 'hidden'],
  ['protected', 'protected'],
] as const;

const list = statement((dialect, args: Arguments, form: Form) => {
  const query = dialect.db
    .selectFrom('images')
    .selectAll('images')
    .where((eb) =>
      eb.and([
        ...columns(eb, args),
        ...times(eb, args, form),
        ...visible(eb, args, form),
        ...described(eb, args),
      ]),
    );
  return pageOf(query, 'images', { at: args, form });
});

const find = statement((dialect, of: { id: string }) =>
  dialect.db.selectFrom('images').selectAll().where('id', '=', of.id),
);

/** @throws {Failure} `invalid` on an unknown marker or sort key */
export async function listImageRows(session: Session, filter: ImageFilter, page: Page): Promise<ImageRow[]> {
  const { at, form } = await planPage<Column>(page, ORDER, (marker) => find(session, { id: marker }));
  return list(
    session,
    { ...at, ...argumentsOf(filter) },
    {
      ...form,
      createdAt: filter.createdAt?.map(({ operator }) => operator) ?? [],
      updatedAt: filter.updatedAt?.map(({ operator }) => operator) ?? [],
      community: filter.visibility === 'community',
    },
  );
}

function argumentsOf(filter: ImageFilter): Omit<Arguments, 'limit' | 'after'> {
  const { visibleTo, visibility } = filter;
  return {
    visibleTo,
    names: filter.names,
    statuses: filter.statuses,
    visibility,
    memberStatus: filter.memberStatus === 'all' ? undefined : (filter.memberStatus ?? 'accepted'),
    owner: filter.owner,
    tags: filter.tags,
    diskFormats: filter.diskFormats,
    containerFormats: filter.containerFormats,
    sizeMin: filter.sizeMin,
    sizeMax: filter.sizeMax,
    hidden: filter.hidden === undefined ? undefined : Number(filter.hidden),
    protected: filter.protected === undefined ? undefined : Number(filter.protected),
    createdAt: filter.createdAt?.map(({ at }) => at),
    updatedAt: filter.updatedAt?.map(({ at }) => at),
    propertyNames: filter.properties && Object.keys(filter.properties),
    propertyValues: filter.properties && Object.values(filter.properties),
  };
}

function columns(eb: Builder, args: Arguments): Expression<SqlBool>[] {
  const equal = EQUAL.flatMap(([column, name]) => {
    const value = args[name];
    return value === undefined ? [] : [eb(`images.${column}`, '=', value)];
  });
  const among = IN.flatMap(([column, name]) => {
    const values = args[name];
    if (values === undefined) return [];
    return [values.length === 0 ? eb.lit(false) : eb(`images.${column}`, 'in', values)];
  });
  return [
    ...equal,
    ...among,
    ...(args.sizeMin === undefined ? [] : [eb('images.size', '>=', args.sizeMin)]),
    ...(args.sizeMax === undefined ? [] : [eb('images.size', '<=', args.sizeMax)]),
  ];
}

function times(eb: Builder, args: Arguments, form: Form): Expression<SqlBool>[] {
  const bounds = (column: 'created_at' | 'updated_at', name: 'createdAt' | 'updatedAt') =>
    form[name].map((operator, at) => eb(`images.${column}`, SIGNS[operator], args[name]?.[at] as number));
  return [...bounds('created_at', 'createdAt'), ...bounds('updated_at', 'updatedAt')];
}

/**
 * The project's own images, public ones, community ones if they are requested, and those shared with the
 * project (glance/db/sqlalchemy/api.py _make_image_query).
 */
function visible(eb: Builder, { visibleTo, memberStatus }: Arguments, form: Form): Expression<SqlBool>[] {
  if (visibleTo === undefined) return [];
  let member = eb
    .selectFrom('image_members')
    .select('image_members.member_id')
    .whereRef('image_members.image_id', '=', 'images.id')
    .where('image_members.member_id', '=', visibleTo);
  if (memberStatus !== undefined) member = member.where('image_members.status', '=', memberStatus);
  return [
    eb.or([
      eb('images.owner', '=', visibleTo),
      eb('images.visibility', '=', 'public'),
      ...(form.community ? [eb('images.visibility', '=', 'community')] : []),
      eb.and([eb('images.visibility', '=', 'shared'), eb.exists(member)]),
    ]),
  ];
}

function described(eb: Builder, args: Arguments): Expression<SqlBool>[] {
  const tags = (args.tags ?? []).map((tag) =>
    eb.exists(
      eb
        .selectFrom('image_tags')
        .select('image_tags.tag')
        .whereRef('image_tags.image_id', '=', 'images.id')
        .where('image_tags.tag', '=', tag),
    ),
  );
  const properties = (args.propertyNames ?? []).map((name, at) =>
    eb.exists(
      eb
        .selectFrom('image_properties')
        .select('image_properties.name')
        .whereRef('image_properties.image_id', '=', 'images.id')
        .where('image_properties.name', '=', name)
        .where('image_properties.value', '=', args.propertyValues?.[at] as string),
    ),
  );
  return [...tags, ...properties];
}
