import type { Selectable } from 'kysely';
import { Failure } from '../../model/failure.ts';
import type { Flavor } from '../../model/flavor.ts';
import type { FlavorId, ProjectId } from '../../model/ids.ts';
import type { FlavorQueries } from '../promise/flavors.ts';
import { type PageArguments, type PageForm, pageOf, planPage, type SortColumn } from '../sql/paging.ts';
import type { FlavorsTable } from '../sql/schema.ts';
import type { Session, StoreDialect } from '../sql/session.ts';
import { statement } from '../sql/statement.ts';

type Row = Selectable<FlavorsTable>;
type Column = Exclude<keyof Row, 'body'>;

const by = (column: Column): SortColumn<Column> => ({ column, nullable: false });
/**
 * The sort keys of Nova that this store supports (nova/api/openstack/compute/schemas/flavors.py
 * VALID_SORT_KEYS).
 */
const ORDER = {
  keys: {
    created_at: by('created_at'),
    disabled: by('disabled'),
    ephemeral_gb: by('ephemeral_gb'),
    flavorid: by('id'),
    id: by('id'),
    is_public: by('is_public'),
    memory_mb: by('ram_mb'),
    name: by('name'),
    root_gb: by('root_gb'),
    rxtx_factor: by('rxtx_factor'),
    swap: by('swap_mb'),
    vcpus: by('vcpus'),
  },
  usual: [{ ...by('id'), direction: 'asc' }],
  last: 'id',
} as const;

const insert = statement((dialect, row: Row) =>
  dialect.db
    .insertInto('flavors')
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .returning('id'),
);

const find = statement((dialect, of: { id: string }) =>
  dialect.db.selectFrom('flavors').selectAll().where('id', '=', of.id),
);

const update = statement((dialect, of: { id: string; seen: number; generation: number; body: string }) =>
  dialect.db
    .updateTable('flavors')
    .set({ generation: of.generation, body: of.body })
    .where('id', '=', of.id)
    .where('generation', '=', of.seen)
    .returning('id'),
);

const remove = statement((dialect, of: { id: string }) =>
  dialect.db.deleteFrom('flavors').where('id', '=', of.id).returning('id'),
);

const allow = statement((dialect, row: { flavor_id: string; project_id: string }) =>
  dialect.db
    .insertInto('flavor_access')
    .values(row)
    .onConflict((conflict) => conflict.doNothing()),
);

const disallowAll = statement((dialect, of: { id: string }) =>
  dialect.db.deleteFrom('flavor_access').where('flavor_id', '=', of.id),
);

interface Arguments extends PageArguments {
  isPublic: number | undefined;
  visibleTo: string | undefined;
  minRamMb: number | undefined;
  minDiskGb: number | undefined;
  disabled: number | undefined;
}
const list = statement((dialect, of: Arguments, form: PageForm<Column>) => {
  const { isPublic, minRamMb, minDiskGb } = of;
  let query = flavorsVisibleTo(dialect, of);
  if (isPublic !== undefined) query = query.where('flavors.is_public', '=', isPublic);
  if (minRamMb !== undefined) query = query.where('flavors.ram_mb', '>=', minRamMb);
  if (minDiskGb !== undefined) query = query.where('flavors.root_gb', '>=', minDiskGb);
  return pageOf(query, 'flavors', { at: of, form });
});

type Visibility = Pick<Arguments, 'visibleTo' | 'disabled'>;

const markerRow = statement((dialect, of: Visibility & { id: string }) =>
  flavorsVisibleTo(dialect, of).where('flavors.id', '=', of.id),
);

/** The flavors that a project may see, without the other filters of a list: a marker must be one of them. */
function flavorsVisibleTo({ db }: StoreDialect, { visibleTo, disabled }: Visibility) {
  const all = db.selectFrom('flavors').selectAll('flavors');
  const query = disabled === undefined ? all : all.where('flavors.disabled', '=', disabled);
  if (visibleTo === undefined) return query;
  return query.where((eb) =>
    eb.or([
      eb('flavors.is_public', '=', eb.lit(1)),
      eb.exists(
        eb
          .selectFrom('flavor_access')
          .select('flavor_access.project_id')
          .whereRef('flavor_access.flavor_id', '=', 'flavors.id')
          .where('flavor_access.project_id', '=', visibleTo),
      ),
    ]),
  );
}

/** Queries of one session: flavors. */
export function flavorQueries(session: Session): FlavorQueries {
  return {
    insert: (flavor) =>
      session.transaction(async (tx) => {
        const [inserted] = await insert(tx, rowOf(flavor));
        if (inserted === undefined) throw await taken(tx, flavor);
        for (const project of flavor.access) await allow(tx, { flavor_id: flavor.id, project_id: project });
      }),
    async find(id) {
      const [row] = await find(session, { id });
      return row && flavorOf(row);
    },
    list: (filter, page) => listFlavors(session, filter, page),
    update: (seen, patch) => session.transaction((tx) => updateFlavor(tx, seen, patch)),
    delete: (id) => session.transaction(async (tx) => (await remove(tx, { id })).length > 0),
  };
}

/** nova/exception.py FlavorIdExists, FlavorExists */
async function taken(session: Session, flavor: Flavor): Promise<Failure> {
  const [sameId] = await find(session, { id: flavor.id });
  return sameId === undefined
    ? new Failure('conflict', `Flavor with name ${flavor.name} already exists.`)
    : new Failure('conflict', `Flavor with ID ${flavor.id} already exists.`);
}

async function listFlavors(
  session: Session,
  filter: Parameters<FlavorQueries['list']>[0],
  page: Parameters<FlavorQueries['list']>[1],
): Promise<Flavor[]> {
  const { isPublic, visibleTo, minRamMb, minDiskGb } = filter;
  const disabled = filter.disabled === undefined ? undefined : Number(filter.disabled);
  const { at, form } = await planPage<Column>(page, ORDER, (id) =>
    markerRow(session, { id, visibleTo, disabled }),
  );
  const args: Arguments = {
    ...at,
    isPublic: isPublic === undefined ? undefined : Number(isPublic),
    visibleTo,
    minRamMb,
    minDiskGb,
    disabled,
  };
  return (await list(session, args, form)).map(flavorOf);
}

async function updateFlavor(
  session: Session,
  seen: Parameters<FlavorQueries['update']>[0],
  patch: Parameters<FlavorQueries['update']>[1],
): Promise<Flavor> {
  const [stored] = await find(session, { id: seen.id });
  if (stored === undefined) throw new Failure('not-found', `Flavor ${seen.id} could not be found.`);
  const after: Flavor = { ...flavorOf(stored), ...patch, generation: seen.generation + 1 };
  const { id, generation, body } = rowOf(after);
  const [written] = await update(session, { id, seen: seen.generation, generation, body });
  if (written === undefined)
    throw new Failure('conflict', `Flavor ${seen.id} was changed by another request. Try again.`);
  if (patch.access !== undefined) {
    await disallowAll(session, { id });
    for (const project of patch.access) await allow(session, { flavor_id: id, project_id: project });
  }
  return after;
}

function rowOf(flavor: Flavor): Row {
  const { id, generation, name, vcpus, ramMb, rootGb, ephemeralGb, swapMb, rxtxFactor } = flavor;
  const { record, description, extraSpecs, access } = flavor;
  return {
    id,
    generation,
    name,
    vcpus,
    ram_mb: ramMb,
    root_gb: rootGb,
    ephemeral_gb: ephemeralGb,
    swap_mb: swapMb,
    rxtx_factor: rxtxFactor,
    is_public: flavor.isPublic ? 1 : 0,
    disabled: flavor.disabled ? 1 : 0,
    created_at: flavor.createdAt,
    body: JSON.stringify({ record, description, extraSpecs, access }),
  };
}

function flavorOf(row: Row): Flavor {
  const { record, description, extraSpecs, access } = JSON.parse(row.body) as Pick<
    Flavor,
    'record' | 'description' | 'extraSpecs'
  > & { access: ProjectId[] };
  return {
    id: row.id as FlavorId,
    ...(record !== undefined && { record }),
    generation: row.generation,
    name: row.name,
    vcpus: row.vcpus,
    ramMb: row.ram_mb,
    rootGb: row.root_gb,
    ephemeralGb: row.ephemeral_gb,
    swapMb: row.swap_mb,
    rxtxFactor: row.rxtx_factor,
    isPublic: row.is_public === 1,
    disabled: row.disabled === 1,
    createdAt: row.created_at,
    description,
    extraSpecs,
    access,
  };
}
