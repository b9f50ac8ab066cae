import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { connect, type Domain, type Libvirt, undefineFlags, xmlFlags } from 'libvirt-rpc';
import { Failure } from '../../model/failure.ts';
import { type ForeignDomain, readDomain } from './read-domain.ts';

/** Its variables and saved state stay as files of the host. */
const UNDEFINE =
  undefineFlags.keepNvram | undefineFlags.snapshotsMetadata | undefineFlags.checkpointsMetadata;

/** A domain that is to be imported, on the libvirt that it was found on. */
export interface DomainSource {
  readonly domain: ForeignDomain;
  /** Takes the domain's definition away. @returns the file that keeps it */
  undefine(): Promise<string>;
  /** Defines the domain again, as it was. */
  define(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Finds a domain that is switched off, and reads it.
 * @throws {Failure} `invalid` or `conflict` when it cannot be imported
 */
export async function domainSource(uri: string, name: string): Promise<DomainSource> {
  const libvirt = await connect(uri).catch((error: Error) => {
    throw new Failure('unavailable', `libvirt at ${uri} does not answer: ${error.message}`);
  });
  try {
    const domain = await found(libvirt, name);
    await requireOff(libvirt, domain);
    const xml = await libvirt.domainGetXMLDesc({ domain, flags: xmlFlags.inactive | xmlFlags.secure });
    return {
      domain: readDomain(xml),
      async undefine() {
        const file = resolve(`${domain.uuid}.xml`);
        await writeFile(file, xml, { mode: 0o600 });
        await requireOff(libvirt, domain);
        await libvirt.domainUndefineFlags({ domain, flags: UNDEFINE });
        return file;
      },
      define: async () => void (await libvirt.domainDefineXMLFlags({ xml })),
      close: () => libvirt.close(),
    };
  } catch (error) {
    await libvirt.close();
    throw error;
  }
}

async function found(libvirt: Libvirt, name: string): Promise<Domain> {
  try {
    return await libvirt.domainLookupByName({ name });
  } catch (error) {
    throw new Failure(
      'invalid',
      `--domain ${name}: libvirt has none of that name (${(error as Error).message})`,
    );
  }
}

/** A domain that was started meanwhile would write to its disk while it is read. */
async function requireOff(libvirt: Libvirt, domain: Domain): Promise<void> {
  if (await libvirt.domainIsActive({ domain }))
    throw new Failure(
      'conflict',
      `Domain ${domain.name} is running: shut it down first (virsh shutdown ${domain.name})`,
    );
  if (await libvirt.domainHasManagedSaveImage({ domain }))
    throw new Failure(
      'conflict',
      `Domain ${domain.name} has saved memory, whose guest has not written all to its disk: start it and shut it down first`,
    );
}
