/** What a demo guest reads of its own machine: `identity` in `demo-image/guest` prints it. */
export interface GuestIdentity {
  /** No two boots have the same. */
  readonly bootId: string;
  /** Each value by its key, such as `dmi.product_serial`, `nic.eth0.mac`, `disk.vda.serial`. */
  readonly values: ReadonlyMap<string, string>;
}

const LINE = /^nameplate-identity ([^=\s]+)=(.*?)\r?$/gm;

/** The whole blocks of a console log, in order. A torn block lacks lines, so its count is wrong. */
export function guestIdentities(log: string): GuestIdentity[] {
  const blocks: GuestIdentity[] = [];
  let values = new Map<string, string>();
  for (const [, key = '', value = ''] of log.matchAll(LINE)) {
    if (key === 'boot-id') values = new Map();
    if (key === 'end' && Number(value) === values.size)
      blocks.push({ bootId: values.get('boot-id') ?? '', values });
    values.set(key, value);
  }
  return blocks;
}

/** The values of all keys that begin and end so, in the order of the keys. */
export function valuesOf({ values }: GuestIdentity, begin: string, end = ''): string[] {
  return [...values].flatMap(([key, value]) => (key.startsWith(begin) && key.endsWith(end) ? [value] : []));
}
