import type { GuestPlan } from '../../model/guest.ts';
import type { Resolved } from '../engine/guest-ports.ts';
import type { StepContext } from '../engine/step.ts';

type Ports = Pick<StepContext, 'ports' | 'server'>;

/** A plan with the server's ports as they are now. */
export function planWithPorts(context: Ports, plan: GuestPlan): Promise<GuestPlan> {
  return planWith(context, plan, { rules: true });
}

/**
 * The same for disks: a config drive describes the ports, but has nothing of their rules, which may name all
 * members of a large security group.
 */
export function planForDisks(context: Ports, plan: GuestPlan): Promise<GuestPlan> {
  return planWith(context, plan, { rules: false });
}

async function planWith({ ports, server }: Ports, plan: GuestPlan, resolved: Resolved): Promise<GuestPlan> {
  const found = await ports(resolved);
  if (found.length === 0) return plan;
  return { ...plan, ports: found, ...(!server.onlyPorts && { configuredInterface: true }) };
}
