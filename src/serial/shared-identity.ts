import type { SharedIdentity } from '../model/host.ts';

/** Describes for operators that hosts, most likely clones, report the same identity. */
export function describeSharedIdentity({ identity, value, hosts }: SharedIdentity): string {
  const named = new Intl.ListFormat('en').format(hosts);
  return identity === 'machine-id'
    ? `Hosts ${named} have the same machine-id ${value}: guests that get it as their serial cannot be told apart by host.`
    : `Hosts ${named} have the same host UUID ${value}: libvirt takes them for one, and refuses to migrate guests between them.`;
}
