import { type GuestPlan, planOf } from '../../model/guest.ts';
import type { ImageSnapshot } from '../../model/image.ts';
import type { InjectedFile } from '../../model/injected-file.ts';
import { withPresentDevices } from '../../model/machine-identity.ts';
import { IMAGE_SNAPSHOT, INJECTED_FILES } from '../../model/messages/guest-plan.ts';
import { dictionary, exactly, nullable, oneOf } from '../../model/messages/primitives.ts';
import { Type } from '../../model/schema.ts';
import {
  type DiskConfig,
  type Server,
  type ServerPatch,
  VM_STATES,
  type VmState,
} from '../../model/server.ts';
import { type BeginContext, inputFrom } from '../engine/beginning.ts';
import { defineOperation, type StepContext } from '../engine/step.ts';
import { inputOf, schemaOf } from '../engine/stored-values.ts';
import { checkOwnHost } from '../steps/check-own-host.ts';
import { RUNNING, STOPPED, toPreviousState } from '../steps/final-states.ts';
import { boot, createDisks, define, powerOff, tidy } from '../steps/guest-steps.ts';

/** What a rebuild changes beside the disk; a field left out stays as it is. */
export interface RebuildRequest {
  readonly image: ImageSnapshot;
  readonly name?: string;
  readonly hostname?: string;
  readonly description?: string | null;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly keyName?: string | null;
  readonly keyPublic?: string | null;
  readonly keyType?: 'ssh' | 'x509' | null;
  readonly userData?: string | null;
  readonly files?: readonly InjectedFile[];
  readonly accessIPv4?: string | null;
  readonly accessIPv6?: string | null;
  readonly diskConfig?: DiskConfig;
}

/** The API bounded these when they were asked for. */
const WORD = Type.Optional(Type.String());
const WORD_OR_NULL = Type.Optional(nullable(Type.String()));
const INPUT = schemaOf<{ readonly patch: RebuildRequest; readonly vmState: VmState }>({
  patch: exactly<RebuildRequest>({
    image: IMAGE_SNAPSHOT,
    name: WORD,
    hostname: WORD,
    description: WORD_OR_NULL,
    metadata: Type.Optional(dictionary(Type.String(), { most: 10_000, longestKey: 65_536 })),
    keyName: WORD_OR_NULL,
    keyPublic: WORD_OR_NULL,
    keyType: Type.Optional(nullable(oneOf(['ssh', 'x509']))),
    userData: WORD_OR_NULL,
    files: Type.Optional(INJECTED_FILES),
    accessIPv4: WORD_OR_NULL,
    accessIPv6: WORD_OR_NULL,
    diskConfig: Type.Optional(oneOf(['AUTO', 'MANUAL'])),
  }),
  vmState: oneOf(VM_STATES),
});

/**
 * What a rebuild writes onto the server, as its input keeps it: the new image and whatever else was asked,
 * and the new disk set.
 */
export function rebuiltPatch(operation: StepContext['operation']): ServerPatch {
  return { ...inputOf(operation, INPUT).patch, diskSet: operation.id };
}

function rebuilt({ server, operation }: StepContext): Server {
  return { ...server, ...rebuiltPatch(operation) } as Server;
}

function plan(context: StepContext): GuestPlan {
  const server = rebuilt(context);
  return planOf({ ...server, machine: withPresentDevices(server.machine) });
}

const staysStopped = ({ operation }: Pick<StepContext, 'operation'>) =>
  inputOf(operation, INPUT).vmState === 'stopped';

/**
 * The serial is decided anew, with the new image. The old disk is there until the new guest has booted.
 * Mirrors nova/compute/manager.py ComputeManager.rebuild_instance.
 */
export const rebuildServer = defineOperation({
  kind: 'rebuild-server',
  legal: 'rebuild',
  taskState: 'rebuilding',
  version: 1,
  input: inputFrom(INPUT, async ({ request, server }: BeginContext<RebuildRequest>) => ({
    patch: request,
    vmState: server.vmState,
  })),
  action: 'rebuild',
  event: 'compute_rebuild_instance',
  steps: [
    checkOwnHost(rebuilt),
    createDisks(plan, { taskState: 'rebuilding' }),
    define(plan, { taskState: 'rebuild_spawning' }),
    powerOff({ politely: false }),
    boot({ when: (context) => !staysStopped(context) }),
    tidy(async ({ ask, server }) => {
      await ask({ verb: 'delete-disks', server: server.id, set: server.diskSet });
    }),
  ],
  finished: ({ operation, now }) => ({
    ...rebuiltPatch(operation),
    ...(staysStopped({ operation }) ? STOPPED : RUNNING),
    launchedAt: now,
  }),
  abandoned: toPreviousState,
});
