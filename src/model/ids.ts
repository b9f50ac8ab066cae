import { Failure } from './failure.ts';

declare const brand: unique symbol;
type Brand<Name extends string> = string & { readonly [brand]: Name };

/** A server's UUID, dashed, lower case. Also its libvirt domain UUID, and its own serial if it has one. */
export type ServerId = Brand<'ServerId'>;
/** An image's UUID, dashed, lower case. */
export type ImageId = Brand<'ImageId'>;
/** A flavor's public id: any string that an administrator chose, or a UUID. */
export type FlavorId = Brand<'FlavorId'>;
/** A project's id, 32 hex digits as Keystone makes them. */
export type ProjectId = Brand<'ProjectId'>;
/** A user's id, 32 hex digits as Keystone makes them. */
export type UserId = Brand<'UserId'>;
/** A compute host's name: `[DEFAULT] host`. */
export type HostName = Brand<'HostName'>;
/** `req-` and the UUID of an API request. */
export type RequestId = Brand<'RequestId'>;
/** The UUID of one durable operation. */
export type OperationId = Brand<'OperationId'>;

const DASHED_UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** True for a dashed UUID in lower case. */
export function isUuid(text: string): boolean {
  return DASHED_UUID.test(text);
}

/**
 * Parses a server's id.
 * @throws {Failure} `not-found`, with Nova's text, when the text cannot be the id of any server
 */
export function parseServerId(text: string): ServerId {
  const id = text.toLowerCase();
  if (!isUuid(id)) throw new Failure('not-found', `Instance ${text} could not be found.`);
  return id as ServerId;
}

/** Parses an image's id. @returns undefined when the text cannot be the id of any image */
export function parseImageId(text: string): ImageId | undefined {
  const id = text.toLowerCase();
  return isUuid(id) ? (id as ImageId) : undefined;
}
