import type { GuestPort } from './guest-port.ts';

/** How a guest's interface is connected: what the hypervisor driver needs to define it. */
export interface Attachment {
  readonly port: GuestPort;
  /** A network of the hypervisor by its name; `simulated`: of the simulated driver. */
  readonly source:
    | { readonly type: 'network'; readonly name: string }
    | { readonly type: 'bridge'; readonly name: string }
    | { readonly type: 'simulated' };
  /** Name of the filter that the hypervisor puts on the interface; null: none. */
  readonly filter: string | null;
}
