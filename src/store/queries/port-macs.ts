import { randomInt } from 'node:crypto';
import { Failure } from '../../model/failure.ts';
import { generatedMac } from '../../model/network/mac.ts';
import type { MacAddress } from '../../model/network/network-ids.ts';
import type { Port } from '../../model/network/port.ts';
import type { PortsTable } from '../sql/network-schema.ts';
import type { Session } from '../sql/session.ts';
import { statement } from '../sql/statement.ts';
import { portOf, rowOfPort } from './port-row.ts';
import { holdRows } from './row-locks.ts';

const MAC_SUFFIXES = 0x1000000;
/** A MAC that is taken is drawn again; after so many the suffixes are as good as used up. */
const MAC_TRIES = 100;

const insert = statement((dialect, row: PortsTable) =>
  dialect.db
    .insertInto('ports')
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .returning('id'),
);

const withId = statement((dialect, of: { id: string }) =>
  dialect.db.selectFrom('ports').select('id').where('id', '=', of.id),
);

const claimant = statement((dialect, of: { mac: string }) =>
  dialect.db.selectFrom('ports').select('id').where('claimed_mac', '=', of.mac),
);

/** Locks it, so that it is not deleted before a twin of it is there. */
const claimantLocked = statement((dialect, of: { mac: string }) =>
  holdRows(dialect, dialect.db.selectFrom('ports').select('id').where('claimed_mac', '=', of.mac)),
);

/** Lets one of the other ports that have a MAC claim it. */
const inherit = statement((dialect, of: { mac: string }) =>
  dialect.db
    .updateTable('ports')
    .set({ claimed_mac: of.mac })
    .where('id', '=', (heir) =>
      heir
        .selectFrom('ports as twin')
        .select('twin.id')
        .where('twin.mac', '=', of.mac)
        .where('twin.claimed_mac', 'is', null)
        .orderBy('twin.id')
        .limit(1),
    ),
);

const shared = statement((dialect, _: Record<never, never>) =>
  dialect.db
    .selectFrom('ports')
    .selectAll()
    .where('mac', 'in', (twins) =>
      twins.selectFrom('ports as twin').select('twin.mac').where('twin.claimed_mac', 'is', null),
    )
    .orderBy('mac')
    .orderBy('id'),
);

/**
 * Inserts a port with a MAC that no other port has: the chosen one, or one that is drawn.
 * @throws {Failure} `conflict`, naming the holder of a chosen one
 */
export async function insertWithMac(
  session: Session,
  port: Omit<Port, 'mac'>,
  chosen: MacAddress | null,
): Promise<Port> {
  for (let tried = 1; tried <= MAC_TRIES; tried++) {
    const made: Port = { ...port, mac: chosen ?? generatedMac(randomInt(MAC_SUFFIXES)) };
    const [row] = await insert(session, rowOfPort(made));
    if (row !== undefined) return made;
    await refuseSameId(session, port);
    if (chosen !== null) await refuseTakenMac(session, made);
  }
  throw new Failure('conflict', `Unable to generate unique mac on network ${port.networkId}.`, {
    type: 'NetworkMacAddressGenerationFailure',
  });
}

/** neutron_lib/exceptions MacAddressInUse */
export async function refuseTakenMac(session: Session, { mac, networkId }: Port): Promise<void> {
  const [holder] = await claimant(session, { mac });
  if (holder !== undefined)
    throw new Failure(
      'conflict',
      `Unable to complete operation for network ${networkId}. The mac address ${mac} is in use by port ${holder.id}.`,
      { type: 'MacAddressInUse' },
    );
}

/**
 * Inserts a port with the MAC that an earlier release gave it. Where another port claims that one, this port
 * does not.
 */
export async function insertTwin(session: Session, port: Port): Promise<Port> {
  for (;;) {
    if ((await insert(session, rowOfPort(port))).length > 0) return port;
    await refuseSameId(session, port);
    if ((await claimantLocked(session, { mac: port.mac })).length === 0) continue; // it was deleted just now
    await insert(session, rowOfPort(port, null));
    return port;
  }
}

/** Lets one of the other ports that have a MAC claim it, after its claimant went. */
export async function passMacOn(session: Session, mac: string | null): Promise<void> {
  if (mac !== null) await inherit(session, { mac });
}

/** The ports that have their MAC in common with another one. */
export async function portsWithSharedMacs(session: Session): Promise<Port[]> {
  return (await shared(session, {})).map(portOf);
}

async function refuseSameId(session: Session, { id }: Pick<Port, 'id'>): Promise<void> {
  if ((await withId(session, { id })).length > 0) throw new Failure('conflict', `Port ${id} already exists.`);
}
