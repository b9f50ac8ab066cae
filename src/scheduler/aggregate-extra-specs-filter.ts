import { listValues, perMetadata } from './aggregate-metadata.ts';
import { type Requirement, requirementOf } from './extra-spec-operators.ts';
import type { Filter } from './filter.ts';

const SCOPE = 'aggregate_instance_extra_specs';

/**
 * Passes hosts whose aggregates satisfy each extra spec of the flavor without a scope or with the scope
 * `aggregate_instance_extra_specs` (nova/scheduler/filters/aggregate_instance_extra_specs.py
 * AggregateInstanceExtraSpecsFilter). `hw:unique_serial` has another scope and is not compared with
 * aggregates.
 */
export const aggregateExtraSpecsFilter: Filter = {
  name: 'AggregateInstanceExtraSpecsFilter',
  onRebuild: false,
  testFor({ flavor }) {
    const asked = Object.entries(flavor.extraSpecs).flatMap(([spec, text]) => {
      const key = keyOf(spec);
      return key === undefined ? [] : [{ spec, key, text, mismatch: requirementOf(text) }];
    });
    if (asked.length === 0) return undefined;
    const refusal = perMetadata((metadata) => {
      for (const each of asked) {
        const why = whyNot(each, metadata.get(each.key));
        if (why !== undefined) return why;
      }
      return undefined;
    });
    return ({ metadata }) => refusal(metadata);
  },
};

interface RequestedSpec {
  readonly spec: string;
  readonly key: string;
  readonly text: string;
  readonly mismatch: Requirement;
}

function whyNot({ spec, key, text, mismatch }: RequestedSpec, values: ReadonlySet<string> | undefined) {
  if (values === undefined)
    return `No aggregate of the host has metadata '${key}', which extra spec ${spec} asks for.`;
  const why = Array.from(values, mismatch);
  if (why.includes(undefined)) return undefined;
  return values.size === 1
    ? `Extra spec ${spec} does not fit the host's aggregates, because ${why[0]}.`
    : `Extra spec ${spec} asks for '${text}'; the host's aggregates have ${listValues(values)}.`;
}

function keyOf(spec: string): string | undefined {
  const colon = spec.indexOf(':');
  if (colon < 0) return spec;
  return spec.slice(0, colon) === SCOPE ? spec.slice(colon + 1) : undefined;
}
