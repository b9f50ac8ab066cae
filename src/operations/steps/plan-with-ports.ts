import type { GuestPlan } from '../../model/guest.ts';
import type { StepContext } from '../engine/step.ts';

/** A plan with the server's ports as they are now. */
export async function planWithPorts(
  { ports, server }: Pick<StepContext, 'ports' | 'server'>,
  plan: GuestPlan,
): Promise<GuestPlan> {
  const found = await ports();
  if (found.length === 0) return plan;
  return { ...plan, ports: found, ...(!server.onlyPorts && { configuredInterface: true }) };
}
