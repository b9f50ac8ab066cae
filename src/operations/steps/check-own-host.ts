import type { Server } from '../../model/server.ts';
import { chooseHost } from '../../scheduler/choose-host.ts';
import type { Step, StepContext } from '../engine/step.ts';
import { noValidHost } from '../placement/claim-host.ts';
import { hostRequirementsOf } from '../placement/host-requirements.ts';
import { currentHost } from '../placement/host-view.ts';

/**
 * Checks, before a rebuild changes anything, whether the server's own host accepts the new image. Otherwise a
 * rebuild would be the way around whatever keeps images off hosts (CVE-2017-16239; nova/compute/api.py
 * rebuild, nova/scheduler/filters/__init__.py BaseFilter.RUN_ON_REBUILD). Nova puts the server into ERROR;
 * here nothing has happened to it.
 * @param rebuilt the server as it is to be
 */
export function checkOwnHost(rebuilt: (context: StepContext) => Server): Step {
  return {
    name: 'check host',
    output: null,
    taskState: 'rebuilding',
    timeoutMs: 60_000,
    tries: 3,
    when: (context) => !isSameImage(rebuilt(context), context.server),
    async do(context) {
      const { store, settings, now } = context;
      const server = rebuilt(context);
      const candidate = server.host === null ? undefined : await currentHost(store, server.host);
      if (candidate === undefined) return undefined;
      const wanted = await hostRequirementsOf(store, server, { flavor: server.flavor, host: null });
      const { refusals } = chooseHost(wanted, {
        candidates: [candidate],
        settings: settings.scheduler,
        now: now(),
        only: 'on rebuild',
      });
      if (refusals.length > 0) throw noValidHost(refusals, { host: server.host });
      return undefined;
    },
    undo: 'the step changes nothing',
  };
}

function isSameImage({ image: one }: Server, { image: other }: Server): boolean {
  const [a, b] = [one.properties, other.properties];
  const keys = Object.keys({ ...a, ...b });
  return one.id === other.id && keys.every((key) => a[key] === b[key]);
}
