import {
  array,
  type Codec,
  type Fields,
  i32,
  i64,
  optional,
  type Read,
  string,
  struct,
  u32,
  u64,
} from './codec.ts';
import { domain } from './remote-types.ts';
import { typedParam } from './typed-param.ts';

/** One kind of domain event: its id, the procedure of its messages, and their fields. */
export interface DomainEventKind<F extends Fields = Fields> {
  readonly id: number;
  readonly procedure: number;
  readonly message: Codec<Read<F> & { readonly callbackId: number }>;
}

/** Kinds of domain events (`virDomainEventID`). To add one, add a line from remote_protocol.x. */
export const domainEvents = {
  /** `event` and `detail`: {@link lifecycleEvents}. */
  lifecycle: kind(0, 318, { domain, event: i32, detail: i32 }),
  reboot: kind(1, 319, { domain }),
  rtcChange: kind(2, 320, { domain, offset: i64 }),
  watchdog: kind(3, 321, { domain, action: i32 }),
  ioErrorReason: kind(6, 324, { domain, source: string, alias: string, action: i32, reason: string }),
  controlError: kind(7, 325, { domain }),
  trayChange: kind(10, 328, { domain, alias: string, reason: i32 }),
  balloonChange: kind(13, 331, { domain, actual: u64 }),
  deviceRemoved: kind(15, 333, { domain, alias: string }),
  blockJob: kind(16, 339, { domain, disk: string, type: i32, status: i32 }),
  agentLifecycle: kind(18, 348, { domain, state: i32, reason: i32 }),
  deviceAdded: kind(19, 354, { domain, alias: string }),
  migrationIteration: kind(20, 359, { domain, iteration: i32 }),
  jobCompleted: kind(21, 363, { domain, params: array(typedParam) }),
  deviceRemovalFailed: kind(22, 367, { domain, alias: string }),
  metadataChange: kind(23, 379, { domain, type: i32, uri: optional(string) }),
  memoryFailure: kind(25, 423, { domain, recipient: i32, action: i32, flags: u32 }),
} as const;

/** A kind of event that {@link LibvirtClient} can subscribe to: see the table of events. */
export type DomainEventName = keyof typeof domainEvents;

/** An event of one kind. */
export type DomainEvent<N extends DomainEventName> =
  (typeof domainEvents)[N] extends DomainEventKind<infer F> ? Read<F> : never;

function kind<F extends Fields>(id: number, procedure: number, fields: F): DomainEventKind<F> {
  const message = struct({ callbackId: i32, ...fields });
  return { id, procedure, message: message as unknown as DomainEventKind<F>['message'] };
}
