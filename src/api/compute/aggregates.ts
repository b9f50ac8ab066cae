import { randomUUID } from 'node:crypto';
import { Type } from 'typebox';
import type { Aggregate } from '../../model/aggregate.ts';
import { Failure } from '../../model/failure.ts';
import { ZONE_KEY } from '../../model/zone.ts';
import type { Queries } from '../../store/promise/store.ts';
import { type Ask, type Route, route } from '../http/route.ts';
import { type AggregatePatch, aggregateActionOf, changedMetadata } from './aggregate-actions.ts';
import { aggregateView, newAggregateView } from './aggregate-view.ts';
import { refusedChange, requireSafeZone } from './aggregate-zones.ts';
import { forgetHostFacts } from './servers/host-facts.ts';
import { imageForHosts } from './servers/image-for-server.ts';
import { ImageRefWord } from './servers/words.ts';
import { MAX_INT, NameWord, SpacedNameWord, ZoneNameWord } from './words.ts';

const POLICY = 'os_compute_api:os-aggregates';
const closed = { additionalProperties: false } as const;
const admin = { access: 'admin', status: 200 } as const;
const one = '/os-aggregates/:aggregate_id';
const Params = Type.Object({ aggregate_id: Type.String() });
type Params = { aggregate_id: string };

const Zone = Type.Optional(Type.Unsafe<string | null>({ anyOf: [ZoneNameWord, { type: 'null' }] }));
const NewBody = Type.Object(
  { aggregate: Type.Object({ name: NameWord, availability_zone: Zone }, closed) },
  closed,
);
const ChangedBody = Type.Object(
  {
    aggregate: Type.Object(
      { name: Type.Optional(SpacedNameWord), availability_zone: Zone },
      { ...closed, minProperties: 1 },
    ),
  },
  closed,
);

const CacheImages = Type.Object(
  { cache: Type.Array(Type.Object({ id: ImageRefWord }, closed), { minItems: 1, maxItems: 128 }) },
  closed,
);

/** @throws {Failure} `invalid`, `not-found` */
async function found(store: Queries, { aggregate_id: text }: Params): Promise<Aggregate> {
  if (!/^-?\d+$/.test(text)) throw new Failure('invalid', 'id must be an integer');
  const number = Number(text);
  const aggregate = number <= MAX_INT ? await store.aggregates.find(number) : undefined;
  if (aggregate === undefined) throw new Failure('not-found', `Aggregate ${text} could not be found.`);
  return aggregate;
}

/** Changes an aggregate: what is checked still holds when it is written. */
async function changed(
  ask: Ask<Params>,
  change: (tx: Queries, aggregate: Aggregate) => Promise<AggregatePatch>,
): Promise<object> {
  const { parts, params, version } = ask;
  const aggregate = await parts.store.transaction(async (tx) => {
    const seen = await found(tx, params);
    return tx.aggregates.update(seen, { ...(await change(tx, seen)), updatedAt: parts.now() });
  });
  forgetHostFacts(parts.store);
  return { aggregate: aggregateView(aggregate, version) };
}

/** https://docs.openstack.org/api-ref/compute/#host-aggregates-os-aggregates */
export const aggregateRoutes: Route[] = [
  route({
    ...admin,
    method: 'GET',
    path: '/os-aggregates',
    policy: `${POLICY}:index`,
    summary: 'List host aggregates',
    async handle({ parts, version }) {
      const aggregates = await parts.store.aggregates.list();
      return { aggregates: aggregates.map((aggregate) => aggregateView(aggregate, version)) };
    },
  }),
  route({
    ...admin,
    method: 'POST',
    path: '/os-aggregates',
    policy: `${POLICY}:create`,
    summary: 'Create a host aggregate',
    schemas: { body: NewBody },
    async handle({ parts, body, version }) {
      const { name, availability_zone: zone } = body.aggregate;
      const aggregate = await parts.store.aggregates.insert({
        uuid: randomUUID(),
        generation: 1,
        name,
        hosts: [],
        metadata: zone == null ? {} : { [ZONE_KEY]: zone },
        createdAt: parts.now(),
        updatedAt: null,
      });
      return { aggregate: newAggregateView(aggregate, version) };
    },
  }),
  route({
    ...admin,
    method: 'GET',
    path: one,
    policy: `${POLICY}:show`,
    summary: 'Show a host aggregate',
    schemas: { params: Params },
    async handle({ parts, params, version }) {
      return { aggregate: aggregateView(await found(parts.store, params), version) };
    },
  }),
  route({
    ...admin,
    method: 'PUT',
    path: one,
    policy: `${POLICY}:update`,
    summary: "Change a host aggregate's name or availability zone",
    schemas: { params: Params, body: ChangedBody },
    handle: (ask) =>
      changed(ask, async (tx, aggregate) => {
        const { name, ...metadata } = ask.body.aggregate;
        await requireSafeZone(tx, aggregate, { change: 'update', metadata });
        return {
          metadata: changedMetadata(aggregate, metadata),
          ...(name !== undefined && { name: name.trim() }),
        };
      }),
  }),
  route({
    ...admin,
    method: 'DELETE',
    path: one,
    policy: `${POLICY}:delete`,
    summary: 'Delete a host aggregate that has no hosts',
    schemas: { params: Params },
    async handle({ parts, params }) {
      await parts.store.transaction(async (tx) => {
        const aggregate = await found(tx, params);
        if (aggregate.hosts.length > 0)
          throw refusedChange('delete', aggregate, 'Host aggregate is not empty');
        await tx.aggregates.delete(aggregate.number);
      });
    },
  }),
  route({
    ...admin,
    method: 'POST',
    path: `${one}/action`,
    policy: `${POLICY}:set_metadata`,
    summary: 'Add or remove a host of a host aggregate (`add_host`, `remove_host`), or `set_metadata`',
    schemas: { params: Params },
    handle: (ask) => changed(ask, aggregateActionOf(ask)),
  }),
  route({
    ...admin,
    method: 'POST',
    path: `${one}/images`,
    since: '2.81',
    policy: 'compute:aggregates:images',
    summary: 'Have the hosts of a host aggregate fetch images before servers need them',
    schemas: { params: Params, body: CacheImages },
    status: 202,
    async handle({ parts: { store, operations }, params, body, caller }) {
      const ids = body.cache.map(({ id }) => id);
      if (new Set(ids).size < ids.length) throw new Failure('invalid', 'Duplicate images in request');
      const { hosts } = await found(store, params);
      const images = await Promise.all(ids.map((id) => imageForHosts(store, caller, id)));
      operations.cacheImages(hosts, images);
    },
  }),
];
