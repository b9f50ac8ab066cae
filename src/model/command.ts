import type { GuestObservation, GuestPlan } from './guest.ts';
import type { ComputeHost } from './host.ts';
import type { HostName, OperationId, ServerId } from './ids.ts';
import type { SerialDecision } from './serial.ts';

/** What the control plane may ask of a compute host's agent: the driver's promise, one verb a method. Each is idempotent. */
export interface Commands {
  'create-disks': { ask: { plan: GuestPlan; from: 'image' | { copyOf: string } }; reply: undefined };
  'delete-disks': { ask: { server: ServerId; set: string | 'all' }; reply: undefined };
  /** The agent decides the serial, with its own identity, and says what it decided. */
  define: { ask: { plan: GuestPlan; operation: OperationId }; reply: SerialDecision };
  'restore-definition': { ask: { server: ServerId; operation: OperationId }; reply: undefined };
  'forget-definition': { ask: { server: ServerId; operation: OperationId }; reply: undefined };
  undefine: { ask: { server: ServerId }; reply: undefined };
  start: { ask: { server: ServerId }; reply: undefined };
  destroy: { ask: { server: ServerId }; reply: undefined };
  /** Replies whether the guest powered off in time. */
  shutdown: { ask: { server: ServerId; timeoutMs: number }; reply: boolean };
  /** Replies whether the guest shut down in time and was started again. */
  'soft-reboot': { ask: { server: ServerId; timeoutMs: number }; reply: boolean };
  pause: { ask: { server: ServerId }; reply: undefined };
  unpause: { ask: { server: ServerId }; reply: undefined };
  suspend: { ask: { server: ServerId }; reply: undefined };
  resume: { ask: { server: ServerId }; reply: undefined };
  observe: { ask: { server: ServerId }; reply: GuestObservation };
  'console-log': { ask: { server: ServerId; lines: number | null }; reply: string };
}
export type Verb = keyof Commands;
export type Command<V extends Verb = Verb> = {
  [K in V]: { readonly verb: K } & Readonly<Commands[K]['ask']>;
}[V];
export type Reply<V extends Verb> = Commands[V]['reply'];

/** What an agent says of its host, when it starts and with every heartbeat. */
export type HostReport = Omit<ComputeHost, 'number' | 'status' | 'disabledReason' | 'forcedDown'>;

/** What an agent tells unasked. */
export type AgentNews =
  | { readonly news: 'host'; readonly report: HostReport }
  /** A guest's power changed; look again before acting on it, as it may have changed since. */
  | { readonly news: 'guest'; readonly host: HostName; readonly guest: GuestObservation };
