import {
  anyOf,
  flag,
  listOf,
  nothing,
  object,
  text,
  textOrNull,
  time,
  timeOrNull,
  word,
} from '../http/shape.ts';

/** Shapes of identities in answers; docs/nameplate-api.md explains them. */
const change = { outcome: word('changes', 'refuses'), value: textOrNull, why: text };
const changeOfValue = object({ name: text, now: textOrNull, ...change }, 'IdentityChange');

export const identityShown = object({
  identity: object(
    {
      server_id: text,
      values: listOf(
        object(
          {
            ...{ name: text, value: textOrNull, decided: textOrNull, rule: word('held', 'decided') },
            ...{ explanation: text, since: timeOrNull },
            pending: anyOf(object(change, 'PendingIdentityChange'), nothing),
          },
          'IdentityValue',
        ),
      ),
    },
    'MachineIdentity',
  ),
});

export const identityPreviewShown = object({
  preview: object({
    server_id: text,
    hosts: listOf(
      object(
        {
          ...{ host: text, is_current_host: flag, outcome: word('keeps', 'changes', 'refuses') },
          values: listOf(changeOfValue),
        },
        'PreviewedIdentity',
      ),
    ),
  }),
});

export const identityAuditShown = object({
  audit: object(
    {
      shared_values: listOf(
        object({ value: word('uuid', 'serial', 'mac_address', 'disk_serial'), text, servers: listOf(text) }),
      ),
      deviating_guests: listOf(
        object({
          ...{ server_id: text, host: textOrNull },
          values: listOf(object({ name: text, value: textOrNull, decided: textOrNull, since: time })),
        }),
      ),
      pending_changes: listOf(object({ server_id: text, host: text, values: listOf(changeOfValue) })),
    },
    'IdentityAudit',
  ),
});
