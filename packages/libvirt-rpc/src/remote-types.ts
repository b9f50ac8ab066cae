import { type Codec, i32, optional, string, struct, type TypeOf, uuid } from './codec.ts';
import type { RemoteError } from './errors.ts';

const domainFields = struct({ name: string, uuid, id: i32 });

/** A guest: what libvirt calls a domain. `id` is -1 while it does not run. libvirtd finds it by its UUID. */
export type Domain = TypeOf<typeof domainFields>;
export const domain: Codec<Domain> = domainFields;

const networkFields = struct({ name: string, uuid });

export type Network = TypeOf<typeof networkFields>;
export const network: Codec<Network> = networkFields;

const errorFields = struct({
  code: i32,
  domain: i32,
  message: optional(string),
  level: i32,
  guest: optional(domain),
  detail1: optional(string),
  detail2: optional(string),
  detail3: optional(string),
  number1: i32,
  number2: i32,
  network: optional(network),
});

/** The payload of a reply whose status is error. */
export const remoteError: Codec<RemoteError> = {
  size: errorFields.size,
  write: (writer, error) =>
    errorFields.write(writer, {
      ...error,
      ...{ detail1: undefined, detail2: undefined, detail3: undefined, number1: 0, number2: 0 },
      network: undefined,
    }),
  read: (reader) => {
    const { code, domain, message, level, guest } = errorFields.read(reader);
    return { code, domain, message: message ?? `libvirt error ${code}`, level, guest };
  },
};
