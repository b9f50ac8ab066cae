import { randomUUID } from 'node:crypto';
import { Failure } from '../../model/failure.ts';
import { Type } from '../../model/schema.ts';
import { ZONE_KEY } from '../../model/zone.ts';
import { type Route, route } from '../http/route.ts';
import { aggregateActionRoutes } from './aggregate-actions.ts';
import {
  aggregateList,
  aggregateView,
  createdAggregate,
  newAggregateView,
  oneAggregate,
} from './aggregate-view.ts';
import { refusedChange, requireSafeZone } from './aggregate-zones.ts';
import { NameSchema, SpacedNameSchema, ZoneNameSchema } from './field-schemas.ts';
import {
  AggregateParams,
  changedAggregate,
  changedMetadata,
  foundAggregate,
  ONE_AGGREGATE,
} from './found-aggregate.ts';
import { ImageRefSchema } from './servers/field-schemas.ts';
import { imageForHosts } from './servers/image-for-server.ts';

const POLICY = 'os_compute_api:os-aggregates';
const closed = { additionalProperties: false } as const;
const admin = { access: 'admin', status: 200 } as const;

const Zone = Type.Optional(Type.Unsafe<string | null>({ anyOf: [ZoneNameSchema, { type: 'null' }] }));
const NewBody = Type.Object(
  { aggregate: Type.Object({ name: NameSchema, availability_zone: Zone }, closed) },
  closed,
);
const ChangedBody = Type.Object(
  {
    aggregate: Type.Object(
      { name: Type.Optional(SpacedNameSchema), availability_zone: Zone },
      { ...closed, minProperties: 1 },
    ),
  },
  closed,
);

const CacheImages = Type.Object(
  { cache: Type.Array(Type.Object({ id: ImageRefSchema }, closed), { minItems: 1, maxItems: 128 }) },
  closed,
);

/** https://docs.openstack.org/api-ref/compute/#host-aggregates-os-aggregates */
export const aggregateRoutes: Route[] = [
  route({
    ...admin,
    method: 'GET',
    path: '/os-aggregates',
    policy: `${POLICY}:index`,
    summary: 'List host aggregates',
    response: aggregateList,
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
    response: createdAggregate,
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
    path: ONE_AGGREGATE,
    policy: `${POLICY}:show`,
    summary: 'Show a host aggregate',
    schemas: { params: AggregateParams },
    response: oneAggregate,
    async handle({ parts, params, version }) {
      return { aggregate: aggregateView(await foundAggregate(parts.store, params), version) };
    },
  }),
  route({
    ...admin,
    method: 'PUT',
    path: ONE_AGGREGATE,
    policy: `${POLICY}:update`,
    summary: "Change a host aggregate's name or availability zone",
    schemas: { params: AggregateParams, body: ChangedBody },
    response: oneAggregate,
    handle: (context) =>
      changedAggregate(context, async (tx, aggregate) => {
        const { name, ...metadata } = context.body.aggregate;
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
    path: ONE_AGGREGATE,
    policy: `${POLICY}:delete`,
    summary: 'Delete a host aggregate that has no hosts',
    schemas: { params: AggregateParams },
    response: 'nothing',
    async handle({ parts, params }) {
      await parts.store.transaction(async (tx) => {
        const aggregate = await foundAggregate(tx, params);
        if (aggregate.hosts.length > 0)
          throw refusedChange('delete', aggregate, 'Host aggregate is not empty');
        await tx.aggregates.delete(aggregate.number);
      });
    },
  }),
  ...aggregateActionRoutes,
  route({
    ...admin,
    method: 'POST',
    path: `${ONE_AGGREGATE}/images`,
    since: '2.81',
    policy: 'compute:aggregates:images',
    summary: 'Have the hosts of a host aggregate fetch images before servers need them',
    schemas: { params: AggregateParams, body: CacheImages },
    status: 202,
    response: 'nothing',
    async handle({ parts: { store, operations }, params, body, caller }) {
      const ids = body.cache.map(({ id }) => id);
      if (new Set(ids).size < ids.length) throw new Failure('invalid', 'Duplicate images in request');
      const { hosts } = await foundAggregate(store, params);
      const images = await Promise.all(ids.map((id) => imageForHosts(store, caller, id)));
      operations.cacheImages(hosts, images);
    },
  }),
];
