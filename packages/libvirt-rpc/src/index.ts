export type { CallOptions, ConnectOptions, Libvirt, Procedures } from './client.ts';
export { connect, defaultTimeoutMs, LibvirtClient } from './client.ts';
export * from './constants.ts';
export type { DomainEvent, DomainEventName } from './domain-events.ts';
export { errorCodes, errorDomains } from './error-codes.ts';
export type { Outcome } from './errors.ts';
export {
  AuthenticationUnsupported,
  CallAborted,
  ConnectionLost,
  DeadlineExceeded,
  EncodeError,
  EventsMissed,
  LibvirtError,
  ProtocolError,
  UriError,
} from './errors.ts';
export type { EventStream } from './event-stream.ts';
export type { KeepaliveOptions } from './keepalive.ts';
export type { LaneLimits } from './lanes.ts';
export { defaultLimits } from './lanes.ts';
export type { ArgsOf, ProcedureName, ResultOf } from './procedures.ts';
export type { Domain, Network, NWFilter } from './remote-types.ts';
export type { TypedParam } from './typed-param.ts';
export { byField } from './typed-param.ts';
export type { Endpoint, Target } from './uri.ts';
export { parseUri } from './uri.ts';
