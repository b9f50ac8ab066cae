/**
 * What a hypervisor driver can do beyond running guests on its own host. A driver lists its features in the
 * host description, the agent reports them, and the control plane sends a host no command that it cannot do.
 */
export const FEATURES = {
  'unique-serial': 'give a guest its own serial',
  'move-disks': 'send the disks of a guest to another host, or receive them',
  'live-migration': 'migrate a running guest',
} as const;

export type Feature = keyof typeof FEATURES;
