import type { Weigher } from './filter.ts';
import { ramWeigher } from './ram-weigher.ts';
import { serialStabilityWeigher } from './serial-stability-weigher.ts';
import type { WeigherName } from './settings.ts';
import { softAffinityWeigher } from './soft-affinity-weigher.ts';
import { softAntiAffinityWeigher } from './soft-anti-affinity-weigher.ts';
import { spreadWeigher } from './spread-weigher.ts';

/** All weighers, by the name of their multiplier in the settings. */
export const WEIGHERS: Readonly<Record<WeigherName, Weigher>> = {
  ram: ramWeigher,
  numInstances: spreadWeigher,
  softAffinity: softAffinityWeigher,
  softAntiAffinity: softAntiAffinityWeigher,
  serialStability: serialStabilityWeigher,
};
