import { type OptionGroup, option, optionalOption } from '../option.ts';
import { absolutePath, list, uri } from '../types.ts';

/**
 * `[bus]`: the connection between control plane and agents. It is Nameplate's own; Nova has `transport_url`.
 */
export const busGroup = {
  help: 'Messages between the control plane and the agents, over NATS. `docs/many-hosts.md` explains the setup.',
  options: {
    servers: option({
      type: list(uri(['nats', 'tls'], 'nats://10.0.0.1:4222')),
      default: '',
      from: 'Nameplate',
      secret: true,
      help: 'NATS servers, all of one cluster. Required for `nameplate serve` and `nameplate agent`. `nameplate start` runs everything in one process and needs none.',
    }),
    credentials: optionalOption({
      type: absolutePath(),
      from: 'Nameplate',
      help: 'The credentials file: for the control plane that of `nameplate bus init`, for a host its own from `nameplate host add`. Unset: for a NATS server without authentication.',
    }),
    tls_ca: optionalOption({
      type: absolutePath(),
      from: 'Nameplate',
      help: "Certificates of the authorities that sign the NATS servers' certificates, PEM. Unset: the authorities that the machine trusts.",
    }),
  },
} as const satisfies OptionGroup;
