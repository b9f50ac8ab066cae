import { Failure } from '../../model/failure.ts';
import { addressKey, addressText, valueOfKey } from '../../model/network/address.ts';
import { spanOfPool } from '../../model/network/cidr.ts';
import type { Subnet } from '../../model/network/network.ts';
import { contains, cut, type Span, within, without } from '../../model/network/spans.ts';
import type { Session } from '../sql/session.ts';
import { statement } from '../sql/statement.ts';
import { lockForDelete, lockFree } from './row-locks.ts';

/**
 * A pool is opened in so many ranges: that many transactions claim from it at once without waiting for each
 * other. IPv6 pools are cut no larger than this, so that the first addresses are the short ones.
 */
const PARTS = { parts: 16, size: 0x10000n };

interface FreeRow {
  readonly number: number;
  readonly freed_at: number;
  readonly first: string;
  readonly last: string;
}
const COLUMNS = ['number', 'freed_at', 'first', 'last'] as const;

const open = statement((dialect, row: { subnet_id: string; freed_at: number; first: string; last: string }) =>
  dialect.db.insertInto('free_addresses').values(row),
);

const oldest = statement((dialect, of: { subnet: string }, how: 'free' | 'wait') => {
  const query = dialect.db
    .selectFrom('free_addresses')
    .select(COLUMNS)
    .where('subnet_id', '=', of.subnet)
    .orderBy('subnet_id')
    .orderBy('freed_at')
    .orderBy('number')
    .limit(1);
  return how === 'free' ? lockFree(dialect, query) : lockForDelete(dialect, query);
});

const anyFree = statement((dialect, of: { subnet: string }) =>
  dialect.db.selectFrom('free_addresses').select('number').where('subnet_id', '=', of.subnet).limit(1),
);

/** Ranges do not overlap: only the first one that ends at the address or later may hold it. */
const around = statement((dialect, of: { subnet: string; key: string }) =>
  dialect.db
    .selectFrom('free_addresses')
    .select(COLUMNS)
    .where('subnet_id', '=', of.subnet)
    .where('last', '>=', of.key)
    .orderBy('last')
    .limit(1),
);

const byNumber = statement((dialect, of: { number: number }) =>
  lockForDelete(
    dialect,
    dialect.db.selectFrom('free_addresses').select(COLUMNS).where('number', '=', of.number),
  ),
);

const all = statement((dialect, of: { subnet: string }) =>
  lockForDelete(
    dialect,
    dialect.db.selectFrom('free_addresses').select(COLUMNS).where('subnet_id', '=', of.subnet),
  ),
);

const shrink = statement((dialect, { number, ...ends }: { number: number; first?: string; last?: string }) =>
  dialect.db.updateTable('free_addresses').set(ends).where('number', '=', number),
);

const drop = statement((dialect, of: { number: number }) =>
  dialect.db.deleteFrom('free_addresses').where('number', '=', of.number),
);

const claimed = statement((dialect, of: { subnet: string; first: string; last: string }) =>
  dialect.db
    .selectFrom('port_addresses')
    .select('key')
    .where('subnet_id', '=', of.subnet)
    .where('key', '>=', of.first)
    .where('key', '<=', of.last)
    .orderBy('key'),
);

const holderOf = statement((dialect, of: { subnet: string; key: string }) =>
  dialect.db
    .selectFrom('port_addresses')
    .select('port_id')
    .where('subnet_id', '=', of.subnet)
    .where('key', '=', of.key),
);

/** Makes the pools of a new subnet free. */
export async function openPools(session: Session, subnet: Subnet): Promise<void> {
  for (const pool of subnet.allocationPools)
    for (const span of cut(spanOfPool(pool), PARTS)) await free(session, subnet, { span, freedAt: 0 });
}

/**
 * Takes the address that has been free for longest. The subnet is held (`holdSubnets`).
 * @throws {Failure} `conflict` when none is free
 */
export async function takeNext(session: Session, subnet: Subnet): Promise<string> {
  const of = { subnet: subnet.id };
  for (;;) {
    const [range] = await oldest(session, of, 'free');
    const [found] =
      range === undefined && session.dialect.hasRowLocks ? await oldest(session, of, 'wait') : [range];
    if (found !== undefined) {
      await takeOut(session, subnet, { range: found, value: valueOfKey(found.first) });
      return addressText({ version: subnet.ipVersion, value: valueOfKey(found.first) });
    }
    if ((await anyFree(session, of)).length === 0)
      throw new Failure('conflict', `No more IP addresses available for subnet ${subnet.id}.`, {
        type: 'IpAddressGenerationFailure',
      });
  }
}

/**
 * Takes an address out of the free ones, if it is of a pool. The subnet is held. An address of no pool is
 * claimed by its row in `port_addresses` alone.
 * @throws {Failure} `conflict` when a port has it, named
 */
export async function takeChosen(session: Session, subnet: Subnet, value: bigint): Promise<void> {
  const of = { subnet: subnet.id, key: addressKey({ version: subnet.ipVersion, value }) };
  for (;;) {
    const [seen] = await around(session, of);
    if (seen !== undefined && contains(spanOf(seen), value)) {
      const [range] = await byNumber(session, seen);
      if (range === undefined || !contains(spanOf(range), value)) continue; // taken, or split, meanwhile
      return takeOut(session, subnet, { range, value });
    }
    await refuseClaimed(session, subnet, value);
    if (!subnet.allocationPools.some((pool) => contains(spanOfPool(pool), value))) return;
  }
}

/** neutron_lib/exceptions IpAddressInUse. @throws {Failure} `conflict` when a port has the address */
export async function refuseClaimed(session: Session, subnet: Subnet, value: bigint): Promise<void> {
  const { id, ipVersion: version, networkId } = subnet;
  const [holder] = await holderOf(session, { subnet: id, key: addressKey({ version, value }) });
  if (holder !== undefined)
    throw new Failure(
      'conflict',
      `Unable to complete operation for network ${networkId}. The IP address ${addressText({ version, value })} is in use by port ${holder.port_id}.`,
      { type: 'IpAddressInUse' },
    );
}

/** Makes addresses free that no port has any more, those of the pools. The subnet is held. */
export async function giveBack(
  session: Session,
  subnet: Subnet,
  { values, at }: { readonly values: readonly bigint[]; readonly at: number },
): Promise<void> {
  const pools = subnet.allocationPools.map(spanOfPool);
  for (const value of values)
    if (pools.some((pool) => contains(pool, value)))
      await free(session, subnet, { span: { first: value, last: value }, freedAt: at });
}

/** Makes free what new pools have and old ones had not, and takes away what they have no more. */
export async function reshapePools(session: Session, before: Subnet, after: Subnet): Promise<void> {
  const [old, now] = [before.allocationPools.map(spanOfPool), after.allocationPools.map(spanOfPool)];
  for (const range of await all(session, { subnet: before.id })) {
    const kept = within(spanOf(range), now);
    if (kept.length === 1 && kept[0]?.first === spanOf(range).first && kept[0].last === spanOf(range).last)
      continue;
    await drop(session, { number: range.number });
    for (const span of kept) await free(session, after, { span, freedAt: range.freed_at });
  }
  for (const span of now.flatMap((pool) => without(pool, old))) {
    const { first, last } = keysOf(after, span);
    const taken = (await claimed(session, { subnet: after.id, first, last })).map(({ key }) =>
      valueOfKey(key),
    );
    const rest = without(
      span,
      taken.map((value) => ({ first: value, last: value })),
    );
    for (const part of rest.flatMap((one) => cut(one, PARTS)))
      await free(session, after, { span: part, freedAt: 0 });
  }
}

async function takeOut(
  session: Session,
  subnet: Subnet,
  { range, value }: { readonly range: FreeRow; readonly value: bigint },
): Promise<void> {
  const { number, freed_at: freedAt } = range;
  const [left, right] = [
    { first: valueOfKey(range.first), last: value - 1n },
    { first: value + 1n, last: valueOfKey(range.last) },
  ];
  const [hasLeft, hasRight] = [left.first <= left.last, right.first <= right.last];
  if (hasLeft) await shrink(session, { number, last: keysOf(subnet, left).last });
  else if (hasRight) await shrink(session, { number, first: keysOf(subnet, right).first });
  else await drop(session, { number });
  if (hasLeft && hasRight) await free(session, subnet, { span: right, freedAt });
}

async function free(
  session: Session,
  subnet: Subnet,
  { span, freedAt }: { readonly span: Span; readonly freedAt: number },
): Promise<void> {
  await open(session, { subnet_id: subnet.id, freed_at: freedAt, ...keysOf(subnet, span) });
}

function spanOf({ first, last }: FreeRow): Span {
  return { first: valueOfKey(first), last: valueOfKey(last) };
}

function keysOf({ ipVersion: version }: Subnet, { first, last }: Span): { first: string; last: string } {
  return {
    first: addressKey({ version, value: first }),
    last: addressKey({ version, value: last }),
  };
}
