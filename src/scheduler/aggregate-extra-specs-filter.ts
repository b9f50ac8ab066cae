import { sayValues } from './aggregate-metadata.ts';
import { mismatch } from './extra-spec-operators.ts';
import type { Filter } from './filter.ts';

const SCOPE = 'aggregate_instance_extra_specs';

/**
 * Passes hosts whose aggregates have, for each extra spec of the flavor that has no scope or the scope `aggregate_instance_extra_specs`, a value that
 * fits (nova/scheduler/filters/aggregate_instance_extra_specs.py). `hw:unique_serial` has another scope: it is not asked of aggregates.
 */
export const aggregateExtraSpecsFilter: Filter = {
  name: 'AggregateInstanceExtraSpecsFilter',
  onRebuild: false,
  testFor({ flavor }) {
    const asked = Object.entries(flavor.extraSpecs).flatMap(([spec, requirement]) => {
      const key = keyOf(spec);
      return key === undefined ? [] : [{ spec, key, requirement }];
    });
    if (asked.length === 0) return undefined;
    return ({ metadata }) => {
      for (const { spec, key, requirement } of asked) {
        const values = metadata.get(key);
        if (values === undefined)
          return `No aggregate of the host has metadata '${key}', which extra spec ${spec} asks for.`;
        const why = Array.from(values, (value) => mismatch(value, requirement));
        if (!why.includes(undefined))
          return values.size === 1
            ? `Extra spec ${spec} does not fit the host's aggregates, because ${why[0]}.`
            : `Extra spec ${spec} asks for '${requirement}'; the host's aggregates have ${sayValues(values)}.`;
      }
      return undefined;
    };
  },
};

function keyOf(spec: string): string | undefined {
  const colon = spec.indexOf(':');
  if (colon < 0) return spec;
  return spec.slice(0, colon) === SCOPE ? spec.slice(colon + 1) : undefined;
}
