import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FILTER_NAMES } from '../../scheduler/settings.ts';
import { ConfigError } from '../config-error.ts';
import { loadConfig } from '../load.ts';
import { filterSchedulerGroup } from './filter-scheduler.ts';

function filtersOf(text?: string) {
  const named = { group: 'filter_scheduler', option: 'enabled_filters', flag: 'the test' };
  const overrides = text === undefined ? [] : [{ ...named, text }];
  return loadConfig({ sources: [], overrides }).config.filter_scheduler.enabled_filters;
}

describe('[filter_scheduler] enabled_filters', () => {
  it('takes the names of all filters that operators enable', () => {
    assert.deepEqual(filtersOf(FILTER_NAMES.join(',')), FILTER_NAMES);
    const { choices } = filterSchedulerGroup.options.enabled_filters.type;
    assert.deepEqual(Object.keys(choices ?? {}), FILTER_NAMES);
  });

  it("is by default what it is in Nova: the two that look at aggregates' metadata are left out", () => {
    assert.deepEqual(filtersOf(), FILTER_NAMES.slice(0, 5));
  });

  it('refuses another name, and lists the choices: no filter that is counted on is passed over', () => {
    assert.throws(
      () => filtersOf('ComputeFilter, NUMATopologyFilter'),
      (error) => {
        assert.ok(error instanceof ConfigError);
        assert.match(error.message, /enabled_filters.*item 'NUMATopologyFilter'/s);
        for (const name of FILTER_NAMES) assert.ok(error.message.includes(name), name);
        return true;
      },
    );
  });
});
