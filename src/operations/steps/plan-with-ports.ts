import type { GuestPlan } from '../../model/guest.ts';
import type { StepContext } from '../engine/step.ts';

/** A plan with the server's ports as they are now. */
export async function planWithPorts(
  { ports }: Pick<StepContext, 'ports'>,
  plan: GuestPlan,
): Promise<GuestPlan> {
  const found = await ports();
  return found.length === 0 ? plan : { ...plan, ports: found };
}
