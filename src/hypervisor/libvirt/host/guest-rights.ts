import { readFile } from 'node:fs/promises';
import type { Capabilities } from './capabilities.ts';

const QEMU_CONF = '/etc/libvirt/qemu.conf';

/** Settings of qemu.conf that weaken the confinement of QEMU processes. */
const WEAKER: readonly (readonly [string, RegExp])[] = [
  ['seccomp_sandbox = 0', /^\s*seccomp_sandbox\s*=\s*0\b/m],
  ['namespaces = []', /^\s*namespaces\s*=\s*\[\s*\]/m],
];

export interface GuestRights {
  readonly qemuUser: Capabilities['qemuUser'];
  /** The user that definitions set instead of libvirt's; see `guestUser`. */
  readonly runAs: string | null;
  /** User id of the agent. */
  readonly agent: number;
  readonly instancesDir: string;
  /** Text of libvirt's `qemu.conf`; empty when it cannot be read. */
  readonly qemuConf: string;
}

/**
 * The excessive rights of guests' processes, each as a sentence with its reason. Empty when guests run as
 * QEMU's own user.
 */
export function excessRights({ qemuUser, runAs, agent, instancesDir, qemuConf }: GuestRights): string[] {
  const sentences: string[] = [];
  if (agent !== 0)
    sentences.push(
      `guests run as the agent's own user (${agent}): a session daemon of libvirt cannot choose another. A guest that takes its ` +
        'QEMU over can do what the agent can. Run the agent as root, with a system daemon, for users who do not trust each other.',
    );
  else if (runAs !== null)
    sentences.push(
      `guests run as root: the user that libvirt runs QEMU as cannot reach ${instancesDir}. ` +
        'To have them run as that user, choose a state directory that others may pass through, such as /var/lib/nameplate.',
    );
  else if (qemuUser === null)
    sentences.push(
      `guests run as libvirt's own user: its DAC security driver is off. Check security_driver in ${QEMU_CONF}.`,
    );
  else if (qemuUser.uid === 0)
    sentences.push(`guests run as root: libvirt is configured so. Check user in ${QEMU_CONF}.`);
  for (const [setting, pattern] of WEAKER)
    if (agent === 0 && pattern.test(qemuConf))
      sentences.push(`guests are confined less than libvirt does by default: ${QEMU_CONF} has ${setting}.`);
  return sentences;
}

/** The text of the machine's `qemu.conf`; empty if it is missing or not readable. */
export async function readQemuConf(): Promise<string> {
  return readFile(QEMU_CONF, 'utf8').catch(() => '');
}
