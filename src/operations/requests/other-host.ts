import type { Verb } from '../../model/command.ts';
import { Failure, type FailureKind } from '../../model/failure.ts';
import type { HostName } from '../../model/ids.ts';
import { requireAble } from '../../model/messages/agent-ability.ts';
import type { Server } from '../../model/server.ts';
import type { Queries } from '../../store/promise/store.ts';

interface Refusals {
  readonly unknown: readonly [kind: FailureKind, sentence: (host: string) => string];
  readonly same: (server: Server, host: string) => string;
}

const notFound = ['invalid', (host: string) => `Compute host ${host} could not be found.`] as const;

/**
 * Nova has its own sentences for each action (nova/exception.py CannotMigrateToSameHost,
 * UnableToMigrateToSelf; nova/api/openstack/compute/evacuate.py EvacuateController._evacuate).
 */
const REFUSALS: Readonly<Record<'migrate' | 'os-migrateLive' | 'evacuate', Refusals>> = {
  migrate: { unknown: notFound, same: () => 'Cannot migrate to the host where the server exists.' },
  'os-migrateLive': {
    unknown: notFound,
    same: ({ id }, host) => `Unable to migrate instance (${id}) to current host (${host}).`,
  },
  evacuate: {
    unknown: ['not-found', (host) => `Compute host ${host} not found.`],
    same: () => "The target host can't be the same one.",
  },
};

/**
 * The host that a request names as the destination is another one than the server's, is known, and can carry
 * out the commands.
 * @throws {Failure} `invalid`; for an evacuation to an unknown host `not-found`
 */
export async function requireOtherHost(
  tx: Pick<Queries, 'hosts'>,
  server: Server,
  of: {
    readonly action: keyof typeof REFUSALS;
    /** Null: the request names none. */
    readonly host: string | null;
    readonly asks: readonly Verb[];
  },
): Promise<void> {
  const { host, asks } = of;
  if (host === null) return;
  const { unknown, same } = REFUSALS[of.action];
  if (host === server.host) throw new Failure('invalid', same(server, host));
  const [kind, sentence] = unknown;
  const agent = await tx.hosts.find(host as HostName);
  if (agent === undefined) throw new Failure(kind, sentence(host));
  requireAble(agent, { asks, kind: 'invalid' });
}
