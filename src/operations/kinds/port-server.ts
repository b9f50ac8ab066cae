import { Failure } from '../../model/failure.ts';
import { planOf } from '../../model/guest.ts';
import { MAC_ADDRESS } from '../../model/messages/guest-port.ts';
import { UUID } from '../../model/messages/primitives.ts';
import type { MacAddress, PortId } from '../../model/network/network-ids.ts';
import type { PortWish } from '../../model/network/port-wish.ts';
import { type BeginContext, inputFrom } from '../engine/beginning.ts';
import { claimPorts, requirePortQuota } from '../engine/claim-ports.ts';
import { releasePorts } from '../engine/server-ports.ts';
import { defineOperation, type Step, type StepContext } from '../engine/step.ts';
import { inputOf, schemaOf } from '../engine/stored-values.ts';
import { toPreviousState } from '../steps/final-states.ts';
import { planWithPorts } from '../steps/plan-with-ports.ts';

const MINUTE = 60_000;
const INPUT = schemaOf<{ readonly port: PortId; readonly mac: MacAddress }>({ port: UUID, mac: MAC_ADDRESS });

/** Of an attachment. */
export interface AttachRequest {
  readonly wish: PortWish;
  /** Ports that the project may have; -1: no limit. */
  readonly portLimit: number;
}

const portOf = ({ operation }: StepContext) => inputOf(operation, INPUT);
const hasGuest = ({ server }: StepContext) => server.host !== null;

async function attach(context: StepContext): Promise<undefined> {
  const plan = await planWithPorts(context, planOf(context.server));
  await context.ask({ verb: 'attach-port', plan, port: portOf(context).port });
}

async function detach(context: StepContext): Promise<undefined> {
  await context.ask({ verb: 'detach-port', server: context.server.id, ...portOf(context) });
}

/** Deletes the port, or frees it; what is not the server's any more is left alone. */
async function release(context: StepContext): Promise<undefined> {
  const { store, server, now } = context;
  await store.transaction(async (tx) => {
    const port = await tx.ports.find(portOf(context).port);
    if (port?.deviceId === server.id) await releasePorts(tx, [port], now());
  });
}

const step = (of: Pick<Step, 'name' | 'do' | 'undo' | 'when'>): Step => ({
  ...{ output: null, timeoutMs: 2 * MINUTE, tries: 8 },
  ...of,
});

/**
 * Gives a server one more port, which is claimed when the operation begins (nova/compute/manager.py
 * ComputeManager.attach_interface).
 */
export const attachPort = defineOperation({
  kind: 'attach-port',
  legal: 'attach interface',
  taskState: 'networking',
  version: 1,
  input: inputFrom(INPUT, async ({ request, server, tx }: BeginContext<AttachRequest>) => {
    const ports = (await tx.ports.ofServers([server.id])).get(server.id) ?? [];
    const firstIndex = Math.max(-1, ...ports.map(({ index }) => index ?? -1)) + 1;
    const claim = { wishes: [request.wish], securityGroupIds: [], firstIndex, at: server.updatedAt };
    const [port] = await claimPorts(tx, server, claim);
    await requirePortQuota(tx, server.projectId, request.portLimit);
    return { port: port!.id, mac: port!.mac };
  }),
  action: 'attach_interface',
  event: 'compute_attach_interface',
  asks: ['attach-port'],
  changesPorts: true,
  steps: [
    step({ name: 'claim port', do: async () => undefined, undo: release }),
    step({ name: 'attach', when: hasGuest, do: attach, undo: detach }),
  ],
  finished: () => ({ taskState: null }),
  abandoned: toPreviousState,
});

/** Takes a port away from a server (nova/compute/manager.py ComputeManager.detach_interface). */
export const detachPort = defineOperation({
  kind: 'detach-port',
  legal: 'detach interface',
  taskState: 'networking',
  version: 1,
  input: inputFrom(INPUT, async ({ request, server, tx }: BeginContext<{ readonly port: PortId }>) => {
    const port = await tx.ports.find(request.port);
    if (port?.deviceId !== server.id)
      throw new Failure('not-found', `Port id ${request.port} could not be found.`);
    return { port: port.id, mac: port.mac };
  }),
  action: 'detach_interface',
  event: 'compute_detach_interface',
  asks: ['detach-port'],
  changesPorts: true,
  steps: [
    step({ name: 'detach', when: hasGuest, do: detach, undo: attach }),
    step({ name: 'release port', do: release, undo: 'the port is not used any more' }),
  ],
  finished: () => ({ taskState: null }),
  abandoned: toPreviousState,
});
