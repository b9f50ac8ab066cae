import type { Static } from 'typebox';
import { Failure } from '../../../../model/failure.ts';
import { Type } from '../../../../model/schema.ts';
import { evacuateServer } from '../../../../operations/kinds/evacuate-server.ts';
import { liveMigrateServer } from '../../../../operations/kinds/live-migrate-server.ts';
import { migrateServer } from '../../../../operations/kinds/resize-server.ts';
import type { Route } from '../../../http/route.ts';
import { BooleanSchema, FqdnSchema, parseBoolean } from '../../field-schemas.ts';
import { adminPassword } from '../../small-shapes.ts';
import { AdminPassSchema } from '../field-schemas.ts';
import { requesterOf } from '../found-server.ts';
import { generatedPassword } from '../generated-password.ts';
import { type ActionRequest, action } from './action.ts';

const closed = { additionalProperties: false } as const;
const optional = Type.Optional;
const HostOrNull = Type.Unsafe<string | null>({ ...FqdnSchema, type: ['string', 'null'] });

/** Up to 2.55 the value of `migrate` is ignored; 2.56 gives it a host. */
const Migrate = Type.Unsafe<{ host?: string | null } | null>({
  anyOf: [Type.Null(), Type.Object({ host: optional(HostOrNull) }, closed)],
});

const BlockOrAuto = Type.Unsafe<boolean | string>({
  ...BooleanSchema,
  enum: [...(BooleanSchema as unknown as { enum: unknown[] }).enum, 'auto'],
});
const LiveFirst = Type.Object(
  { host: HostOrNull, block_migration: BooleanSchema, disk_over_commit: BooleanSchema },
  closed,
);
const live = { host: HostOrNull, block_migration: BlockOrAuto };
const LiveAuto = Type.Object(live, closed);
const LiveForced = Type.Object({ ...live, force: optional(BooleanSchema) }, closed);
interface LiveMigrationBody {
  readonly host: string | null;
  readonly block_migration: boolean | string;
  readonly force?: boolean | string;
}

const evacuation = { host: optional(FqdnSchema), adminPass: optional(AdminPassSchema) };
const EvacuateFirst = Type.Object({ ...evacuation, onSharedStorage: BooleanSchema }, closed);
const EvacuateAuto = Type.Object(evacuation, closed);
const EvacuateForced = Type.Object({ ...evacuation, force: optional(BooleanSchema) }, closed);
interface EvacuateBody {
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

async function migrate({ context, server }: ActionRequest<unknown>, host: string | null): Promise<void> {
  await context.parts.operations.start(migrateServer, server, { host }, requesterOf(context));
}

/**
 * Nova detects an equal destination, or a source that is down, only when the move begins (from 2.34 after
 * its answer). Nameplate refuses both at once.
 */
async function migrateLive({ context, server, body }: ActionRequest<LiveMigrationBody>): Promise<void> {
  requireForcedHost(body);
  const { host, block_migration: block } = body;
  const by = requesterOf(context);
  const blockMigration = block === 'auto' ? 'auto' : parseBoolean(block);
  await context.parts.operations.start(liveMigrateServer, server, { host, blockMigration }, by);
}

/** @returns the generated password, which the answer has below 2.14 unless the disks are shared */
async function evacuate({ context, server, body }: ActionRequest<EvacuateBody>): Promise<string | null> {
  requireForcedHost(body);
  const shared = parseBoolean(body.onSharedStorage ?? false);
  if (shared && body.adminPass !== undefined)
    throw new Failure('invalid', "admin password can't be changed on existing disk");
  const host = body.host ?? null;
  await context.parts.operations.start(evacuateServer, server, { host }, requesterOf(context));
  return body.adminPass ?? (shared ? null : generatedPassword());
}

function requireForcedHost(body: { host?: string | null; force?: boolean | string }): void {
  if (parseBoolean(body.force ?? false) && !body.host)
    throw new Failure('invalid', "Can't force to a non-provided destination");
}

/** https://docs.openstack.org/api-ref/compute/#servers-run-an-administrative-action-servers-action */
export const moveActions: readonly Route[] = [
  action({ ...migrateAction, until: '2.55', handle: (asked) => migrate(asked, null) }),
  action({
    ...migrateAction,
    since: '2.56',
    schema: Migrate,
    handle: (asked) => migrate(asked, asked.body?.host ?? null),
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
    async handle(asked: ActionRequest<Static<typeof EvacuateFirst>>) {
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
        await evacuate(asked as ActionRequest<EvacuateBody>);
      },
    }),
  ),
];
