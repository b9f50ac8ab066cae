import { type Codec, i32, optional, string, struct, uuid } from './codec.ts';
import type { RemoteError } from './errors.ts';

/** A guest, which libvirt calls a domain. libvirtd finds it by its UUID; name and id are informative. */
export interface Domain {
  readonly name: string;
  /** 8-4-4-4-12, lower case. */
  readonly uuid: string;
  /** The id of the running guest; -1 while it does not run. */
  readonly id: number;
}

export const domain: Codec<Domain> = struct({ name: string, uuid, id: i32 });

/** A virtual network. */
export interface Network {
  readonly name: string;
  /** 8-4-4-4-12, lower case. */
  readonly uuid: string;
}

export const network: Codec<Network> = struct({ name: string, uuid });

/** A network filter: rules that libvirt puts on interfaces of guests. */
export interface NWFilter {
  readonly name: string;
  /** 8-4-4-4-12, lower case. */
  readonly uuid: string;
}

export const nwfilter: Codec<NWFilter> = struct({ name: string, uuid });

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

/** The payload of a reply with status error. */
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
