import type { Aggregate } from '../../model/aggregate.ts';
import { zoneOfAggregate } from '../../model/zone.ts';
import type { Microversion } from '../http/microversion.ts';
import {
  flag,
  integer,
  listOf,
  mapOf,
  nothing,
  object,
  since,
  text,
  textOrNull,
  texts,
  time,
  timeOrNull,
} from '../http/shape.ts';
import { plainTime, plainTimeOrNull } from './times.ts';

/** A host aggregate in the answer to its creation: without hosts and metadata; with a uuid from 2.41. */
export function newAggregateView(aggregate: Aggregate, version: Microversion) {
  return {
    id: aggregate.number,
    ...(version >= 41 && { uuid: aggregate.uuid }),
    name: aggregate.name,
    availability_zone: zoneOfAggregate(aggregate),
    created_at: plainTime(aggregate.createdAt),
    updated_at: plainTimeOrNull(aggregate.updatedAt),
    deleted: false,
    deleted_at: null,
  };
}

/** A host aggregate (nova/api/openstack/compute/aggregates.py _marshall_aggregate). */
export function aggregateView(aggregate: Aggregate, version: Microversion) {
  const { hosts, metadata } = aggregate;
  return { ...newAggregateView(aggregate, version), hosts, metadata };
}

const created = {
  id: integer,
  uuid: since(41, text),
  name: text,
  availability_zone: textOrNull,
  created_at: time,
  updated_at: timeOrNull,
  deleted: flag,
  deleted_at: nothing,
};
const aggregateShape = object({ ...created, hosts: texts, metadata: mapOf(text) }, 'Aggregate');

export const createdAggregate = object({ aggregate: object(created, 'CreatedAggregate') });
export const oneAggregate = object({ aggregate: aggregateShape });
export const aggregateList = object({ aggregates: listOf(aggregateShape) });
