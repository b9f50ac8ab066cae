import { type errorCodes, type Libvirt, LibvirtError } from 'libvirt-rpc';

/** A connection to libvirt's daemon, which is made again after it was lost. */
export interface LibvirtCalls {
  /**
   * Runs calls that change something.
   * @param what for the sentences of failures
   * @throws {Failure} also for each error of libvirt's, which is its cause
   */
  change<Result>(what: string, calls: (libvirt: Libvirt) => Promise<Result>): Promise<Result>;
  /** Runs calls that change nothing: they may be made again. */
  read<Result>(what: string, calls: (libvirt: Libvirt) => Promise<Result>): Promise<Result>;
}

/** The result of a call, or undefined where libvirt answers with this code. */
export async function unless<Result>(
  code: keyof typeof errorCodes,
  call: Promise<Result>,
): Promise<Result | undefined> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof LibvirtError && error.codeName === code) return undefined;
    throw error;
  }
}
