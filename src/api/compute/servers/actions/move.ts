import { type Static, Type } from 'typebox';
import { Failure } from '../../../../model/failure.ts';
import type { HostName } from '../../../../model/ids.ts';
import type { Server } from '../../../../model/server.ts';
import type { Queries } from '../../../../store/promise/store.ts';
import type { Route } from '../../../http/route.ts';
import { adminPassword } from '../../small-shapes.ts';
import { BooleanWord, FqdnWord, saysTrue } from '../../words.ts';
import { requesterOf } from '../found-server.ts';
import { generatedPassword } from '../generated-password.ts';
import { AdminPassWord } from '../words.ts';
import { type AskedAction, action } from './action.ts';
import { requireSourceUp } from './source-host.ts';

const closed = { additionalProperties: false } as const;
const optional = Type.Optional;
const HostOrNull = Type.Unsafe<string | null>({ ...FqdnWord, type: ['string', 'null'] });

/** `migrate` took anything until 2.56 gave it a host. */
const Migrate = Type.Unsafe<{ host?: string | null } | null>({
  anyOf: [Type.Null(), Type.Object({ host: optional(HostOrNull) }, closed)],
});

const BlockOrAuto = Type.Unsafe<boolean | string>({
  ...BooleanWord,
  enum: [...(BooleanWord as unknown as { enum: unknown[] }).enum, 'auto'],
});
const LiveFirst = Type.Object(
  { host: HostOrNull, block_migration: BooleanWord, disk_over_commit: BooleanWord },
  closed,
);
const live = { host: HostOrNull, block_migration: BlockOrAuto };
const LiveAuto = Type.Object(live, closed);
const LiveForced = Type.Object({ ...live, force: optional(BooleanWord) }, closed);
interface LiveWish {
  readonly host: string | null;
  readonly block_migration: boolean | string;
  readonly force?: boolean | string;
}

const evacuation = { host: optional(FqdnWord), adminPass: optional(AdminPassWord) };
const EvacuateFirst = Type.Object({ ...evacuation, onSharedStorage: BooleanWord }, closed);
const EvacuateAuto = Type.Object(evacuation, closed);
const EvacuateForced = Type.Object({ ...evacuation, force: optional(BooleanWord) }, closed);
interface EvacuateWish {
  readonly host?: string;
  readonly adminPass?: string;
  readonly onSharedStorage?: boolean | string;
  readonly force?: boolean | string;
}

const migrateAction = {
  key: 'migrate',
  access: 'admin',
  policy: 'os_compute_api:os-migrate-server:migrate',
  summary: 'Cold migrate a server, to be confirmed or reverted like a resize',
} as const;

const liveAction = {
  key: 'os-migrateLive',
  access: 'admin',
  policy: 'os_compute_api:os-migrate-server:migrate_live',
  summary: 'Live migrate a server; a host that is named is checked all the same, forced or not',
} as const;

const evacuateAction = {
  key: 'evacuate',
  access: 'admin',
  policy: 'os_compute_api:os-evacuate',
  summary:
    'Make a server anew on another host, when its own is down; a host that is named is checked, forced or not',
  status: 200,
} as const;

async function migrate(asked: AskedAction<unknown>, host: string | null): Promise<void> {
  const { ask, server } = asked;
  await requireSourceUp(asked, 'migrate');
  await ask.parts.operations.migrate(server, { host }, requesterOf(ask));
}

/** Nova finds that source and destination are one, or the source down, when it is about to move (2.34: after it has answered); here it is refused at once. */
async function migrateLive(asked: AskedAction<LiveWish>): Promise<void> {
  const { ask, server, wish } = asked;
  requireForcedHost(wish);
  const { host, block_migration: block } = wish;
  const by = requesterOf(ask);
  await requireSourceUp(asked, 'os-migrateLive');
  if (host !== null && host === server.host)
    throw new Failure('invalid', `Unable to migrate instance (${server.id}) to current host (${host}).`);
  const blockMigration = block === 'auto' ? 'auto' : saysTrue(block);
  await ask.parts.operations.liveMigrate(server, { host, blockMigration }, by);
}

/** @returns the password that is answered: below 2.14 there is one, unless the disks are shared */
async function evacuate({ ask, server, wish }: AskedAction<EvacuateWish>): Promise<string | null> {
  requireForcedHost(wish);
  const shared = saysTrue(wish.onSharedStorage ?? false);
  if (shared && wish.adminPass !== undefined)
    throw new Failure('invalid', "admin password can't be changed on existing disk");
  const host = wish.host ?? null;
  if (host !== null) await requireOtherHost(ask.parts.store, server, host);
  await ask.parts.operations.evacuate(server, { host }, requesterOf(ask));
  return wish.adminPass ?? (shared ? null : generatedPassword());
}

async function requireOtherHost(store: Queries, server: Server, host: string): Promise<void> {
  if ((await store.hosts.find(host as HostName)) === undefined)
    throw new Failure('not-found', `Compute host ${host} not found.`);
  if (host === server.host) throw new Failure('invalid', "The target host can't be the same one.");
}

function requireForcedHost(wish: { host?: string | null; force?: boolean | string }): void {
  if (saysTrue(wish.force ?? false) && !wish.host)
    throw new Failure('invalid', "Can't force to a non-provided destination");
}

/** https://docs.openstack.org/api-ref/compute/#servers-run-an-administrative-action-servers-action */
export const moveActions: readonly Route[] = [
  action({ ...migrateAction, until: '2.55', handle: (asked) => migrate(asked, null) }),
  action({
    ...migrateAction,
    since: '2.56',
    schema: Migrate,
    handle: (asked) => migrate(asked, asked.wish?.host ?? null),
  }),
  action({ ...liveAction, until: '2.24', schema: LiveFirst, handle: migrateLive }),
  action({ ...liveAction, since: '2.25', until: '2.29', schema: LiveAuto, handle: migrateLive }),
  action({ ...liveAction, since: '2.30', until: '2.67', schema: LiveForced, handle: migrateLive }),
  action({ ...liveAction, since: '2.68', schema: LiveAuto, handle: migrateLive }),
  action({
    ...evacuateAction,
    until: '2.13',
    schema: EvacuateFirst,
    response: adminPassword,
    async handle(asked: AskedAction<Static<typeof EvacuateFirst>>) {
      return { adminPass: await evacuate(asked) };
    },
  }),
  ...(
    [
      { since: '2.14', until: '2.28', schema: EvacuateAuto },
      { since: '2.29', until: '2.67', schema: EvacuateForced },
      { since: '2.68', schema: EvacuateAuto },
    ] as const
  ).map((form) =>
    action({
      ...evacuateAction,
      ...form,
      async handle(asked) {
        await evacuate(asked as AskedAction<EvacuateWish>);
      },
    }),
  ),
];
