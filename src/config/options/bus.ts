import { type OptionGroup, option } from '../option.ts';
import { list, uri } from '../types.ts';

/** `[bus]`: how the control plane and the agents reach each other. Nameplate's own; Nova has `transport_url`. */
export const busGroup = {
  help: 'Messages between the control plane and the agents.',
  options: {
    servers: option({
      type: list(uri(['nats', 'tls'], 'nats://10.0.0.1:4222')),
      default: '',
      from: 'Nameplate',
      secret: true,
      help: 'NATS servers. Empty: everything runs in one process and needs none.',
    }),
  },
} as const satisfies OptionGroup;
