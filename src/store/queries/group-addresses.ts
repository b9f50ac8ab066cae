import type { SecurityGroupId } from '../../model/network/network-ids.ts';
import type { Session } from '../sql/session.ts';
import { statement } from '../sql/statement.ts';

const list = statement((dialect, of: { group: string }) =>
  dialect.db
    .selectFrom('port_security_groups as member')
    .innerJoin('port_addresses as held', 'held.port_id', 'member.port_id')
    .select('held.address')
    .where('member.group_id', '=', of.group)
    .orderBy('member.port_id')
    .orderBy('held.address'),
);

/** The addresses of all ports in a security group. */
export async function groupAddresses(session: Session, group: SecurityGroupId): Promise<string[]> {
  return (await list(session, { group })).map(({ address }) => address);
}
