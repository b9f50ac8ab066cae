import { Failure } from '../../model/failure.ts';

/** The options of `nameplate server import`, as commander parsed them. */
export interface ImportOptions {
  readonly domain?: string;
  readonly disk?: string;
  readonly image?: string;
  readonly same?: boolean;
  readonly copy?: boolean;
  readonly undefine?: boolean;
  readonly flavor?: string;
  readonly name?: string;
  readonly network?: readonly string[];
  readonly host?: string;
  readonly uuid?: string;
  /** false: `--no-serial` */
  readonly serial?: string | false;
  readonly diskSerial?: string;
  readonly mac?: readonly string[];
  readonly machineType?: string;
  readonly connect?: string;
  readonly dryRun?: boolean;
}

const SOURCES = ['domain', 'disk', 'image'] as const;
const OWN = { uuid: '--uuid', serial: '--serial', diskSerial: '--disk-serial', mac: '--mac' } as const;

/** The identity that the command line asks for. */
export interface ImportArguments extends ImportOptions {
  readonly mode: 'same' | 'copy';
  readonly source: (typeof SOURCES)[number];
}

/** @throws {Failure} `invalid` when options are missing or exclude each other */
export function importArguments(options: ImportOptions): ImportArguments {
  const sources = SOURCES.filter((name) => options[name] !== undefined);
  const [source] = sources;
  if (source === undefined || sources.length > 1)
    throw new Failure('invalid', 'give one of --domain, --disk and --image: what is to be imported');
  if (options.same === options.copy)
    throw new Failure(
      'invalid',
      'give --same or --copy: --same if the old machine is gone and the server is it (it keeps UUID, serial, disk serial and MAC addresses, and the import is refused while anything else has them), --copy if the old machine goes on and the server is another (it gets its own)',
    );
  const own = Object.entries(OWN).filter(([name]) => options[name as keyof typeof OWN] !== undefined);
  if (options.copy && own.length > 0)
    throw new Failure(
      'invalid',
      `--copy makes ${own.map(([, flag]) => flag).join(', ')} anew: leave it out, or say --same`,
    );
  if (options.undefine && source !== 'domain') throw new Failure('invalid', '--undefine goes with --domain');
  return { ...options, mode: options.same ? 'same' : 'copy', source };
}
