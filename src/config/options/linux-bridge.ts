import { type OptionGroup, option } from '../option.ts';
import { list, text } from '../types.ts';

/** `[linux_bridge]`: of Neutron's Linux bridge agent, whose place the agent takes. */
export const linuxBridgeGroup = {
  help: 'Networks of this compute host that Nameplate did not make.',
  options: {
    bridge_mappings: option({
      type: list(
        text({
          pattern: /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}:[A-Za-z0-9][A-Za-z0-9._-]{0,14}$/,
          accepts: 'PHYSICAL_NETWORK:BRIDGE, such as provider:br-provider',
        }),
      ),
      default: '',
      from: 'Neutron',
      help: 'Which bridge device of this host each physical network is. Flat networks (`provider:physical_network`) are on it. The operator makes the bridge; Nameplate puts guests on it.',
    }),
  },
} as const satisfies OptionGroup;
