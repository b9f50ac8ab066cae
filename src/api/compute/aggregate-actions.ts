import type { Static, TSchema } from 'typebox';
import type { Aggregate } from '../../model/aggregate.ts';
import { Failure } from '../../model/failure.ts';
import type { HostName } from '../../model/ids.ts';
import { Type } from '../../model/schema.ts';
import { ZONE_KEY } from '../../model/zone.ts';
import type { Queries } from '../../store/promise/store.ts';
import { type Route, route } from '../http/route.ts';
import { oneAggregate } from './aggregate-view.ts';
import { requireSafeHostChange, requireSafeZone } from './aggregate-zones.ts';
import { FqdnSchema, ZoneNameSchema } from './field-schemas.ts';
import {
  type AggregateChange,
  AggregateParams,
  changedAggregate,
  changedMetadata,
  ONE_AGGREGATE,
} from './found-aggregate.ts';

const closed = { additionalProperties: false } as const;
const Host = Type.Object({ host: FqdnSchema }, closed);
const Metadata = Type.Object(
  {
    metadata: Type.Unsafe<Record<string, string | null>>({
      type: 'object',
      maxProperties: 256,
      properties: { [ZONE_KEY]: { anyOf: [ZoneNameSchema, { type: 'null' }, { const: '' }] } },
      patternProperties: { '^[a-zA-Z0-9\\-_:. ]{1,255}$': { type: ['string', 'null'], maxLength: 255 } },
      additionalProperties: false,
    }),
  },
  closed,
);

/** Declares an action on an aggregate; the schema gives the type of its change. */
function action<S extends TSchema>(
  key: string,
  of: {
    readonly summary: string;
    readonly schema: S;
    change(tx: Queries, aggregate: Aggregate, wish: Static<S>): ReturnType<AggregateChange>;
  },
): Route {
  const { summary, schema, change } = of;
  return route({
    method: 'POST',
    path: `${ONE_AGGREGATE}/action`,
    action: key,
    access: 'admin',
    policy: `os_compute_api:os-aggregates:${key}`,
    summary,
    status: 200,
    schemas: { params: AggregateParams, body: Type.Object({ [key]: schema }, closed) },
    response: oneAggregate,
    handle: (context) =>
      changedAggregate(context, (tx, aggregate) =>
        change(tx, aggregate, (context.body as Record<string, Static<S>>)[key]!),
      ),
  });
}

/** https://docs.openstack.org/api-ref/compute/#host-aggregates-os-aggregates */
export const aggregateActionRoutes: readonly Route[] = [
  action('add_host', {
    summary: 'Add a host to a host aggregate',
    schema: Host,
    async change(tx, aggregate, wish) {
      const host = wish.host as HostName;
      if ((await tx.hosts.find(host)) === undefined)
        throw new Failure('not-found', `Host '${host}' is not mapped to any cell`);
      if (aggregate.hosts.includes(host))
        throw new Failure('conflict', `Aggregate ${aggregate.number} already has host ${host}.`);
      await requireSafeHostChange(tx, aggregate, { change: 'add', host });
      return { hosts: [...aggregate.hosts, host] };
    },
  }),
  action('remove_host', {
    summary: 'Remove a host from a host aggregate',
    schema: Host,
    async change(tx, aggregate, wish) {
      const host = wish.host as HostName;
      if (!aggregate.hosts.includes(host))
        throw new Failure('not-found', `Cannot remove host ${host} in aggregate ${aggregate.number}`);
      await requireSafeHostChange(tx, aggregate, { change: 'remove', host });
      return { hosts: aggregate.hosts.filter((name) => name !== host) };
    },
  }),
  action('set_metadata', {
    summary: 'Change metadata of a host aggregate',
    schema: Metadata,
    async change(tx, aggregate, { metadata }) {
      await requireSafeZone(tx, aggregate, { change: 'update metadata', metadata });
      return { metadata: changedMetadata(aggregate, metadata) };
    },
  }),
];
