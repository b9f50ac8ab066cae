import type { Flavor } from '../../model/flavor.ts';
import type { Microversion } from '../http/microversion.ts';
import {
  anyOf,
  changed,
  flag,
  integer,
  links,
  listOf,
  mapOf,
  number,
  object,
  optional,
  since,
  text,
  textOrNull,
  word,
} from '../http/shape.ts';
import { type Link, linksOf } from './links.ts';

/** The microversion of a view, and the base of its links. */
export interface FlavorViewing {
  readonly version: Microversion;
  readonly base: string;
}

/** A flavor in a brief list; from 2.55 with its description. */
export function briefFlavor(flavor: Flavor, { version, base }: FlavorViewing): Record<string, unknown> {
  return {
    id: flavor.id,
    name: flavor.name,
    ...(version >= 55 && { description: flavor.description }),
    links: linksOf(base, 'flavors', flavor.id),
  };
}

/**
 * A complete flavor (https://docs.openstack.org/api-ref/compute/#show-flavor-details): description from
 * 2.55, extra_specs from 2.61, a swap of 0 as a number from 2.75.
 */
export function wholeFlavor(flavor: Flavor, { version, base }: FlavorViewing): WholeFlavor {
  return {
    id: flavor.id,
    name: flavor.name,
    ram: flavor.ramMb,
    disk: flavor.rootGb,
    swap: flavor.swapMb === 0 && version < 75 ? '' : flavor.swapMb,
    'OS-FLV-EXT-DATA:ephemeral': flavor.ephemeralGb,
    'OS-FLV-DISABLED:disabled': flavor.disabled,
    vcpus: flavor.vcpus,
    'os-flavor-access:is_public': flavor.isPublic,
    rxtx_factor: flavor.rxtxFactor,
    links: linksOf(base, 'flavors', flavor.id),
    ...(version >= 55 && { description: flavor.description }),
    ...(version >= 61 && { extra_specs: flavor.extraSpecs }),
  };
}

export interface WholeFlavor {
  readonly id: string;
  readonly name: string;
  readonly ram: number;
  readonly disk: number;
  readonly swap: number | '';
  readonly 'OS-FLV-EXT-DATA:ephemeral': number;
  readonly 'OS-FLV-DISABLED:disabled': boolean;
  readonly vcpus: number;
  readonly 'os-flavor-access:is_public': boolean;
  readonly rxtx_factor: number;
  readonly links: readonly Link[];
  readonly description?: string | null;
  readonly extra_specs?: Readonly<Record<string, string>>;
}

/** The projects with access to a private flavor. */
export function flavorAccess(flavor: Pick<Flavor, 'id' | 'access'>): {
  flavor_access: { flavor_id: string; tenant_id: string }[];
} {
  return { flavor_access: flavor.access.map((tenant) => ({ flavor_id: flavor.id, tenant_id: tenant })) };
}

const briefShape = object({ id: text, name: text, description: since(55, textOrNull), links }, 'BriefFlavor');

export const flavorShape = object(
  {
    id: text,
    name: text,
    ram: integer,
    disk: integer,
    swap: changed(74, anyOf(integer, word('')), integer),
    'OS-FLV-EXT-DATA:ephemeral': integer,
    'OS-FLV-DISABLED:disabled': flag,
    vcpus: integer,
    'os-flavor-access:is_public': flag,
    rxtx_factor: number,
    links,
    description: since(55, textOrNull),
    extra_specs: since(61, mapOf(text)),
  },
  'Flavor',
);

export const oneFlavor = object({ flavor: flavorShape });
export const briefFlavors = object({ flavors: listOf(briefShape), flavors_links: optional(links) });
export const wholeFlavors = object({ flavors: listOf(flavorShape), flavors_links: optional(links) });
export const flavorAccesses = object({ flavor_access: listOf(object({ flavor_id: text, tenant_id: text })) });
