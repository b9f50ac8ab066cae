import { type OptionGroup, option, optionalOption } from '../option.ts';
import { absolutePath, list, uri } from '../types.ts';

/**
 * `[bus]`: how the control plane and the agents reach each other. Nameplate's own; Nova has `transport_url`.
 */
export const busGroup = {
  help: 'Messages between the control plane and the agents, over NATS. `docs/many-hosts.md` says how it is set up.',
  options: {
    servers: option({
      type: list(uri(['nats', 'tls'], 'nats://10.0.0.1:4222')),
      default: '',
      from: 'Nameplate',
      secret: true,
      help: 'NATS servers, all of one cluster. Must be set for `nameplate serve` and `nameplate agent`; `nameplate start` runs everything in one process and needs none.',
    }),
    credentials: optionalOption({
      type: absolutePath(),
      from: 'Nameplate',
      help: "The credentials file: the control plane's, as `nameplate bus init` writes it, or a host's own, as `nameplate host add` does. Unset: for a NATS server that asks for none.",
    }),
    tls_ca: optionalOption({
      type: absolutePath(),
      from: 'Nameplate',
      help: "Certificates of the authorities that sign the NATS servers' certificates, PEM. Unset: those that the machine trusts.",
    }),
  },
} as const satisfies OptionGroup;
