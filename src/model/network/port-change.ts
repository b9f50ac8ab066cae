import type { ServerId } from '../ids.ts';
import type { NetworkId, SecurityGroupId } from './network-ids.ts';

/** What was changed in the network service, as far as hosts must follow it. */
export interface PortChange {
  /** Servers whose own ports changed. */
  readonly servers?: readonly ServerId[];
  /** Groups whose rules changed. */
  readonly groups?: readonly SecurityGroupId[];
  /** Groups that a port, or an address of one, joined or left: rules may name them as their remote group. */
  readonly members?: readonly SecurityGroupId[];
  /** Networks that changed, or whose subnets did. */
  readonly networks?: readonly NetworkId[];
}
