/** The CPU of a guest, as libvirt's definition of the running guest has it. */
export interface GuestCpu {
  /** `custom`: the model with the features. The other modes give whatever the host can do. */
  readonly mode: 'custom' | 'host-passthrough' | 'maximum';
  /** Of the host where the mode is not `custom`; null: libvirt names none. */
  readonly model: string | null;
  readonly vendor: string | null;
  /** libvirt's policies (`require`, `disable`) of the features in which it differs from its model. */
  readonly features: Readonly<Record<string, string>>;
  /** All features that the guest has, those of the model too, sorted; null where libvirt does not tell. */
  readonly all: readonly string[] | null;
}

/** The CPU in a server's machine identity. */
export interface RecordedCpu {
  /**
   * What its host's configuration asked for: `[libvirt] cpu_mode`, with the model of `custom`. null: release
   * 0.1 defined the guest.
   */
  readonly configured: string | null;
  /** Whether later definitions repeat it: `[libvirt] hold_cpu` of the host that defined the guest. */
  readonly held: boolean;
  /** What the guest was then started with; null: it was not started yet. */
  readonly started: GuestCpu | null;
}

/** The CPUs that a host can give to guests. */
export interface HostCpu {
  /** `[libvirt] hold_cpu` */
  readonly holds: boolean;
  /** What new definitions ask for, as in `RecordedCpu`. */
  readonly configured: string;
  readonly model: string | null;
  readonly vendor: string | null;
  /** All features that guests can have, sorted; null where libvirt does not tell. */
  readonly features: readonly string[] | null;
}

/** Names in a sentence. */
const MAX_NAMED = 5;

/** The CPU as QEMU's option `-cpu` writes it: `Nehalem,+hypervisor,-vme`. */
export function cpuText({ mode, model, features }: GuestCpu): string {
  const signed = Object.entries(features)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, policy]) => (policy === 'disable' || policy === 'forbid' ? `-${name}` : `+${name}`));
  const name = mode === 'custom' ? (model ?? mode) : `${mode} (${model ?? 'unknown model'})`;
  return [name, ...signed].join(',');
}

/**
 * Why a host cannot give a CPU, as the end of a sentence about the host; undefined: it can, or libvirt does
 * not tell. Pure.
 */
export function whyNotGiven(cpu: GuestCpu, host: HostCpu): string | undefined {
  if (cpu.mode !== 'custom') {
    const same = cpu.model === host.model && cpu.vendor === host.vendor && equal(cpu.all, host.features);
    return same ? undefined : `has another CPU (${host.model ?? 'unknown'})`;
  }
  if (cpu.vendor !== null && host.vendor !== null && cpu.vendor !== host.vendor)
    return `has a CPU of ${host.vendor}, not of ${cpu.vendor}`;
  if (host.features === null) return undefined;
  const given = new Set(host.features);
  const missing = requiredBy(cpu).filter((feature) => !given.has(feature));
  if (missing.length === 0) return undefined;
  const more = missing.length > MAX_NAMED ? ` and ${missing.length - MAX_NAMED} more` : '';
  return `lacks ${missing.slice(0, MAX_NAMED).join(', ')}${more}`;
}

/** What the next definition on a host would do to a guest's CPU. */
export interface CpuOutcome {
  /** `unknown`: the guest was not started yet, or the host does not report its CPU. */
  readonly outcome: 'keeps' | 'changes' | 'refuses' | 'unknown';
  /** The reason of a refusal or a change, as a sentence; null where there is neither. */
  readonly why: string | null;
}

/** Previews the CPU of a guest after its next definition on a host. Pure. */
export function previewCpu(recorded: RecordedCpu | undefined, host: HostCpu | undefined): CpuOutcome {
  const started = recorded?.started ?? null;
  if (recorded === undefined || started === null || host === undefined)
    return { outcome: 'unknown', why: null };
  if (host.holds) {
    const why = whyNotGiven(started, host);
    if (why === undefined) return { outcome: 'keeps', why: null };
    return { outcome: 'refuses', why: `The server keeps its CPU ([libvirt] hold_cpu), and the host ${why}.` };
  }
  const { configured } = host;
  if (configured !== recorded.configured)
    return { outcome: 'changes', why: `The host's configuration asks for ${configured}.` };
  const isHosts = configured !== 'none' && !configured.startsWith('custom');
  const same = started.model === host.model && equal(started.all, host.features);
  if (!isHosts || same) return { outcome: 'keeps', why: null };
  return { outcome: 'changes', why: `The CPU follows that of the host (${host.model ?? 'unknown'}).` };
}

function requiredBy({ all, features }: GuestCpu): readonly string[] {
  if (all !== null) return all;
  return Object.keys(features).filter((name) => features[name] === 'require' || features[name] === 'force');
}

function equal(one: readonly string[] | null, other: readonly string[] | null): boolean {
  return one?.join() === other?.join();
}
