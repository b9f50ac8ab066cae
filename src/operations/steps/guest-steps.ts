import type { GuestPlan } from '../../model/guest.ts';
import type { HostName, ServerId } from '../../model/ids.ts';
import { Type } from '../../model/schema.ts';
import type { TaskState } from '../../model/server.ts';
import { DEFINED, type Defined } from '../engine/serial-outputs.ts';
import { type Step, type StepContext, TRIES } from '../engine/step.ts';
import { outputSchema } from '../engine/stored-values.ts';
import { contentsOfImage, imageIdsOf } from './image-contents.ts';
import { planForDisks, planWithPorts } from './plan-with-ports.ts';

const MINUTE = 60_000;
interface Choice {
  readonly taskState?: TaskState;
  readonly when?: (context: StepContext) => boolean;
  /** The host that it is done on; the server's own unless said. */
  readonly on?: (context: StepContext) => HostName | null;
  readonly leavesElsewhere?: true;
}

const onOwnHost = ({ server }: StepContext) => server.host;

/**
 * Whether the server had a running guest when the operation's steps began: its row keeps the power that it
 * had until they end.
 */
export function wasRunning({ server }: Pick<StepContext, 'server'>): boolean {
  return server.powerState === 'running' || server.powerState === 'paused';
}

/**
 * Makes a disk set, from the image or from another set. Taking it back deletes the set, or all that the host
 * holds of the server.
 */
export function createDisks(
  plan: (context: StepContext) => GuestPlan,
  options: Choice & { from?: (context: StepContext) => { copyOf: string }; takesBack?: 'all' },
): Step {
  const { from, takesBack, on = onOwnHost, ...choice } = options;
  return {
    name: 'create disks',
    output: null,
    ...choice,
    timeoutMs: 30 * MINUTE,
    tries: TRIES,
    async do(context) {
      const source = from?.(context) ?? 'image';
      const made = await planForDisks(context, plan(context));
      const images = context.linksTo(imageIdsOf(made.image));
      const contents = await contentsOfImage(context.store, made.image);
      await context.ask({ verb: 'create-disks', plan: made, from: source, images, contents }, on(context));
      return undefined;
    },
    async undo(context): Promise<undefined> {
      if (options.when?.(context) === false) return; // it made none
      const set = takesBack ?? plan(context).diskSet;
      await context.ask({ verb: 'delete-disks', server: context.server.id, set }, on(context));
    },
  };
}

/** Writes the definition anew, with its serial decided anew; the old one is kept until the operation ends. */
export function define(plan: (context: StepContext) => GuestPlan, options: Choice = {}): Step<Defined> {
  const { on = onOwnHost, ...choice } = options;
  return {
    ...DEFINED,
    ...choice,
    timeoutMs: MINUTE,
    tries: TRIES,
    async do(context) {
      const { operationId: operation } = context;
      const made = await planWithPorts(context, plan(context));
      const { machine, ...serial } = await context.ask(
        { verb: 'define', plan: made, operation },
        on(context),
      );
      return machine === undefined ? { serial } : { serial, machine };
    },
    undo: (context) => restore(context, on(context)),
  };
}

/** The guest has been ended, and its saved memory with it. */
export const POWERED_OFF = outputSchema<{ readonly poweredOff: true }>('power off', {
  poweredOff: Type.Literal(true),
});

/**
 * Ends the guest, asking it first where `politely` is set. Taking it back puts the old definition back and
 * boots it; one that was paused is paused again.
 */
export function powerOff(options: Choice & { politely: boolean }): Step<{ readonly poweredOff: true }> {
  const { politely, on = onOwnHost, ...choice } = options;
  return {
    ...POWERED_OFF,
    ...choice,
    timeoutMs: 10 * MINUTE,
    tries: TRIES,
    async do(context) {
      const server = context.server.id;
      if (politely && wasRunning(context))
        await context.ask({ verb: 'shutdown', server, timeoutMs: context.settings.shutdownMs }, on(context));
      await context.ask({ verb: 'destroy', server }, on(context));
      return { poweredOff: true };
    },
    async undo(context): Promise<undefined> {
      await restore(context, on(context));
      if (!wasRunning(context) || context.newGuestLeft) return; // not a second time
      await context.ask({ verb: 'start', server: context.server.id }, on(context));
      if (context.server.vmState === 'paused')
        await context.ask({ verb: 'pause', server: context.server.id }, on(context));
    },
  };
}

/** Boots the guest from its definition. */
export function boot(options: Choice = {}): Step {
  const { on = onOwnHost, ...choice } = options;
  return {
    name: 'boot',
    output: null,
    ...choice,
    bringsUp: true,
    timeoutMs: 2 * MINUTE,
    tries: TRIES,
    async do(context) {
      await context.ask({ verb: 'start', server: context.server.id }, on(context));
      return undefined;
    },
    async undo(context): Promise<undefined> {
      await context.ask({ verb: 'destroy', server: context.server.id }, on(context));
    },
  };
}

/** Drops what was kept for going back: the old definition, and what `also` does away with. */
export function tidy(also?: (context: StepContext) => Promise<void>, { on = onOwnHost }: Choice = {}): Step {
  return {
    name: 'tidy',
    output: null,
    timeoutMs: 10 * MINUTE,
    tries: TRIES,
    tidies: true,
    async do(context) {
      const { operationId: operation, server } = context;
      const forget = { verb: 'forget-definition', server: server.id, operation } as const;
      const both = await Promise.allSettled([context.ask(forget, on(context)), also?.(context)]);
      for (const one of both) if (one.status === 'rejected') throw one.reason;
      return undefined;
    },
    undo: 'the server no longer uses what the step deletes',
  };
}

/** Who asks hosts about a server: a step, or whoever hears that a host still has something of it. */
export interface CommandsHosts extends Pick<StepContext, 'ask'> {
  readonly server: { readonly id: ServerId };
}

/** Ends the guest that a host has of the server, and its definition; disks stay. */
export async function endGuest(
  { ask, server: { id } }: CommandsHosts,
  host: HostName | null,
): Promise<undefined> {
  await ask({ verb: 'destroy', server: id }, host);
  return ask({ verb: 'undefine', server: id }, host);
}

/** Takes away all that a host holds of the server, its definition first. */
export async function clearHost(asks: CommandsHosts, host: HostName | null): Promise<undefined> {
  await endGuest(asks, host);
  return asks.ask({ verb: 'delete-disks', server: asks.server.id, set: 'all' }, host);
}

async function restore(context: StepContext, host: HostName | null): Promise<undefined> {
  const { operationId: operation, server } = context;
  return context.ask({ verb: 'restore-definition', server: server.id, operation }, host);
}
