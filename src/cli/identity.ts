import { identityValues } from '../api/nameplate/identity.ts';
import { auditIdentities } from '../api/nameplate/identity-audit.ts';
import { previewIdentity, storedIdentity } from '../api/nameplate/identity-routes.ts';
import { Failure } from '../model/failure.ts';
import type { ServerId } from '../model/ids.ts';
import type { Server } from '../model/server.ts';
import type { Store } from '../store/promise/store.ts';
import type { ConfigArguments, IdentityArguments } from './arguments.ts';
import { columns } from './columns.ts';
import { withStore } from './configured-store.ts';
import { load } from './running.ts';
import type { Terminal } from './terminal.ts';

/** Prints all values that a server's guest is known by, from the store. @throws {Failure} `not-found` */
export async function identityShow(asked: IdentityArguments, terminal: Terminal): Promise<void> {
  await withStore(load(asked).config, async (store) => {
    const stored = await storedIdentity(store, await serverOf(store, asked.server));
    const rows = identityValues(stored, true).map(({ name, value, decided, since, pending }) => [
      ...[name, textOf(value), value === decided ? '' : textOf(decided), since ?? '-'],
      pending === null ? '' : nextOf(pending),
    ]);
    terminal.out(columns([['NAME', 'VALUE', 'DECIDED', 'SINCE', 'NEXT HARD BOOT'], ...rows]));
  });
}

/** Prints what a move to each host would do to those values. @throws {Failure} `not-found` */
export async function identityPreview(asked: IdentityArguments, terminal: Terminal): Promise<void> {
  await withStore(load(asked).config, async (store) => {
    const hosts = await previewIdentity(store, await serverOf(store, asked.server), asked.host);
    const rows = hosts.flatMap(({ host, outcome, values }) =>
      values.length === 0
        ? [[host, outcome, '', '', '']]
        : values.map((each) => [host, each.outcome, each.name, nextOf(each), each.why]),
    );
    terminal.out(columns([['HOST', 'OUTCOME', 'NAME', 'VALUE', 'WHY'], ...rows]));
  });
}

/** Prints values that several guests read, guests that deviate, and what is pending, one a line. */
export async function identityAudit(asked: ConfigArguments, terminal: Terminal): Promise<void> {
  const audit = await withStore(load(asked).config, (store) => auditIdentities(store));
  const { shared_values: shared, deviating_guests: deviating, pending_changes: pending } = audit;
  const rows = [
    ...shared.flatMap(({ value, text, servers }) => servers.map((id) => ['shared', id, value, text, ''])),
    ...deviating.flatMap(({ server_id: id, values }) =>
      values.map(({ name, value, decided }) => [
        ...['deviates', id, name, textOf(value)],
        `decided: ${textOf(decided)}`,
      ]),
    ),
    ...pending.flatMap(({ server_id: id, values }) =>
      values.map((each) => ['pending', id, each.name, textOf(each.now), nextOf(each)]),
    ),
  ];
  terminal.out(columns([['FINDING', 'SERVER', 'NAME', 'VALUE', 'NOTE'], ...rows]));
}

async function serverOf({ servers }: Store, text: string): Promise<Server> {
  const server = await servers.find(text.toLowerCase() as ServerId);
  if (server !== undefined && server.vmState !== 'deleted') return server;
  throw new Failure('not-found', `Instance ${text} could not be found.`);
}

function textOf(value: string | null): string {
  return value ?? '(none)';
}

function nextOf({ outcome, value }: { outcome: 'changes' | 'refuses'; value: string | null }): string {
  return outcome === 'refuses' ? 'is refused' : textOf(value);
}
