import type { GuestPlan } from '../model/guest.ts';
import type { TaskState } from '../model/server.ts';
import type { Step, StepContext } from './step.ts';

const MINUTE = 60_000;

interface Choice {
  readonly taskState?: TaskState;
  readonly when?: (context: StepContext) => boolean;
}

/** Whether the server had a running guest when the operation's steps began: its row keeps the power that it had until they end. */
export function wasRunning({ server }: Pick<StepContext, 'server'>): boolean {
  return server.powerState === 'running' || server.powerState === 'paused';
}

/** Makes a disk set, from the image or from another set. Taking it back deletes the set, or all that the host holds of the server. */
export function createDisks(
  plan: (context: StepContext) => GuestPlan,
  options: Choice & { from?: (context: StepContext) => { copyOf: string }; takesBack?: 'all' },
): Step {
  const { from, takesBack, ...choice } = options;
  return {
    name: 'create disks',
    ...choice,
    timeoutMs: 30 * MINUTE,
    tries: 5,
    async do(context) {
      await context.ask({ verb: 'create-disks', plan: plan(context), from: from?.(context) ?? 'image' });
      return undefined;
    },
    async undo(context) {
      const set = takesBack ?? plan(context).diskSet;
      await context.ask({ verb: 'delete-disks', server: context.server.id, set });
    },
  };
}

/** Writes the definition anew, with its serial decided anew; the old one is kept until the operation ends. */
export function define(plan: (context: StepContext) => GuestPlan, choice: Choice = {}): Step {
  return {
    name: 'define',
    ...choice,
    timeoutMs: MINUTE,
    tries: 8,
    async do(context) {
      const { operationId: operation } = context;
      return { serial: await context.ask({ verb: 'define', plan: plan(context), operation }) };
    },
    undo: restore,
  };
}

/** Ends the guest, asking it first where `politely` is set. Taking it back puts the old definition back and boots it; one that was paused is paused again. */
export function powerOff(options: Choice & { politely: boolean }): Step {
  const { politely, ...choice } = options;
  return {
    name: 'power off',
    ...choice,
    timeoutMs: 10 * MINUTE,
    tries: 8,
    async do(context) {
      const server = context.server.id;
      if (politely && wasRunning(context))
        await context.ask({ verb: 'shutdown', server, timeoutMs: context.settings.shutdownMs });
      await context.ask({ verb: 'destroy', server });
      return { poweredOff: true };
    },
    async undo(context) {
      await restore(context);
      if (!wasRunning(context)) return;
      await context.ask({ verb: 'start', server: context.server.id });
      if (context.server.vmState === 'paused')
        await context.ask({ verb: 'pause', server: context.server.id });
    },
  };
}

/** Boots the guest from its definition. */
export function boot(choice: Choice = {}): Step {
  return {
    name: 'boot',
    ...choice,
    timeoutMs: 2 * MINUTE,
    tries: 8,
    async do(context) {
      await context.ask({ verb: 'start', server: context.server.id });
      return undefined;
    },
    async undo(context) {
      await context.ask({ verb: 'destroy', server: context.server.id });
    },
  };
}

/** Drops what was kept for going back: the old definition and, where one is named, a disk set. */
export function tidy(oldSet?: (context: StepContext) => string | null): Step {
  return {
    name: 'tidy',
    timeoutMs: 10 * MINUTE,
    tries: 8,
    tidies: true,
    async do(context) {
      const { operationId: operation, server } = context;
      await context.ask({ verb: 'forget-definition', server: server.id, operation });
      const set = oldSet?.(context) ?? null;
      if (set !== null) await context.ask({ verb: 'delete-disks', server: server.id, set });
      return undefined;
    },
    undo: 'what is tidied is not needed any more',
  };
}

async function restore(context: StepContext): Promise<void> {
  const { operationId: operation, server } = context;
  await context.ask({ verb: 'restore-definition', server: server.id, operation });
}
