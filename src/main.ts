import { createHttpImages } from './agent/http-images.ts';
import { createInProcessBus } from './bus/in-process.ts';
import type { Config } from './config/declared.ts';
import { openBus } from './main/bus.ts';
import { type Control, type ControlRequest, startControl } from './main/control.ts';
import { startHost } from './main/host.ts';
import { stopAll, stoppedOnFailure } from './main/stop-all.ts';
import type { Log } from './model/log.ts';

/** Input of {@link startService}. */
export type ServiceRequest = Pick<ControlRequest, 'config' | 'adminPassword' | 'log' | 'onBoundary'>;

/** A running service: the control plane, and with `nameplate start` also the agent. */
export type Service = Control;

/** Input of one part of a cloud of many machines. */
export interface PartRequest {
  readonly config: Config;
  readonly log: Log;
  /** Stops waiting for the bus. */
  readonly signal: AbortSignal;
}

/**
 * Starts the control plane and one compute host in one process, joined by an in-process bus.
 * @throws {Failure} when a part cannot start; the parts before it are stopped
 */
export async function startService(request: ServiceRequest): Promise<Service> {
  const { config, log } = request;
  return stoppedOnFailure(log, async (started) => {
    const bus = createInProcessBus();
    started.defer(() => bus.close());
    const control = await startControl({
      ...request,
      bus,
      shared: false,
      startHost: (images) => startHost({ config, bus, images, log }),
    });
    started.defer(control.close);
    return { ...control, close: () => stopAll(started, log) };
  });
}

/**
 * Starts one replica of the control plane. It reaches compute hosts over NATS.
 * @throws {Failure} as {@link startService}; `invalid` when `[bus]` cannot be used
 */
export async function startReplica(request: ServiceRequest & PartRequest): Promise<Service> {
  const { config, log, signal } = request;
  return stoppedOnFailure(log, async (started) => {
    const bus = await openBus(config, { what: 'nameplate serve', name: 'nameplate serve', log, signal });
    started.defer(() => bus.close());
    const control = await startControl({ ...request, bus, shared: true });
    started.defer(control.close);
    return { ...control, close: () => stopAll(started, log) };
  });
}

/**
 * Starts the agent of one compute host. It has no store and reads image data from the control plane.
 * @returns a function that stops it; guests keep running
 */
export async function startAgentOfHost({ config, log, signal }: PartRequest): Promise<() => Promise<void>> {
  return stoppedOnFailure(log, async (started) => {
    const name = `nameplate agent ${config.DEFAULT.host}`;
    const bus = await openBus(config, { what: 'nameplate agent', name, log, signal });
    started.defer(() => bus.close());
    started.defer(await startHost({ config, bus, images: createHttpImages(), log }));
    return () => stopAll(started, log);
  });
}
