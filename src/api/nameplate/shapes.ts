import {
  anyOf,
  flag,
  listOf,
  nothing,
  object,
  optional,
  type Shape,
  text,
  textOrNull,
  time,
  word,
} from '../http/shape.ts';

/** Shapes of serials in answers; docs/nameplate-api.md explains them. */
const inputs = listOf(
  object({ input: word('import', 'flavor', 'image', 'host', 'architecture'), value: text }),
);
const source = word('server', 'os', 'hardware', 'import', 'none', 'outside');
const decision = {
  serial: textOrNull,
  source,
  explanation: text,
  because: inputs,
  overruled: inputs,
  hostId: text,
  host: optional(text),
};
const record = object(
  {
    ...decision,
    operation: text,
    effect: word('booted', 'pending', 'refused', 'settled'),
    at: time,
  },
  'SerialRecord',
);

/** The effect of the next hard boot on the serial. */
const pendingOf = (more: Parameters<typeof object>[0]): Shape =>
  anyOf(
    object({ ...more, ...decision, outcome: word('changes'), why: nothing, effect: word('pending') }),
    object({
      ...more,
      outcome: word('refuses'),
      why: text,
      hostId: text,
      host: optional(text),
      effect: word('refused'),
    }),
  );

const ineffectiveName = {
  input: word('flavor', 'image'),
  name: text,
  value: text,
  use: text,
  explanation: text,
};
const ineffective = optional(listOf(object(ineffectiveName, 'IneffectiveName')));
const flagOrNull = anyOf(flag, nothing);
const policy = object({ flavor: flagOrNull, image: flagOrNull }, 'SerialPolicy');

export const serialShown = object({
  serial: object(
    {
      server_id: text,
      policy,
      wishes: policy,
      current: anyOf(record, nothing),
      pending: anyOf(pendingOf({}), nothing),
      ineffective,
      history: listOf(record),
    },
    'Serial',
  ),
});

const decisionOrNot = Object.fromEntries(
  Object.entries(decision).map(([name, what]) => [name, optional(what)]),
);
export const previewShown = object({
  preview: object({
    server_id: text,
    serial: textOrNull,
    ineffective,
    hosts: listOf(
      object(
        {
          ...decisionOrNot,
          host: text,
          outcome: word('keeps', 'changes', 'gives', 'refuses'),
          why: textOrNull,
          is_current_host: flag,
          cpu: object(
            { outcome: word('keeps', 'changes', 'refuses', 'unknown'), why: textOrNull },
            'PreviewedCpu',
          ),
        },
        'PreviewedMove',
      ),
    ),
  }),
});

const hostsWithReasons = listOf(object({ host: text, why: text }));
const made = { serial: textOrNull, source, host: text };

export const auditShown = object({
  audit: object(
    {
      shared_serials: listOf(
        object({ serial: text, servers: listOf(object({ id: text, host: text, source })) }),
      ),
      changed_serials: listOf(
        object({ server_id: text, serials: listOf(object({ ...made, operation: text, at: time })) }),
      ),
      shared_identities: listOf(object({ identity: text, value: text, hosts: listOf(text) })),
      pending_serials: listOf(pendingOf({ server_id: text, now: textOrNull })),
      ineffective_names: listOf(
        object({ ...ineffectiveName, server_id: optional(text), flavor_id: optional(text) }),
      ),
      broken_identities: hostsWithReasons,
      doubtful_identities: hostsWithReasons,
      hosts_without_own_serials: hostsWithReasons,
      shared_mac_addresses: listOf(
        object({
          mac_address: text,
          ports: listOf(object({ port_id: text, server_id: textOrNull })),
        }),
      ),
    },
    'Audit',
  ),
});
