import type { Queries } from '../promise/store.ts';
import type { HostSilence } from '../sql/host-silence.ts';
import type { Session } from '../sql/session.ts';
import { actionQueries } from './actions.ts';
import { aggregateQueries } from './aggregates.ts';
import { choreQueries } from './chores.ts';
import { failedLoginQueries } from './failed-logins.ts';
import { flavorQueries } from './flavors.ts';
import { hostQueries } from './hosts.ts';
import { identityQueries } from './identity.ts';
import { identityClaimQueries } from './identity-claims.ts';
import { imageQueries } from './images.ts';
import { keypairQueries } from './keypairs.ts';
import { networkQueries } from './networks.ts';
import { operationQueries } from './operations.ts';
import { portQueries } from './ports.ts';
import { purgeQueries } from './purge.ts';
import { quotaQueries } from './quotas.ts';
import { restoredQueries } from './restored.ts';
import { retiredIdQueries } from './retired-ids.ts';
import { secretQueries } from './secrets.ts';
import { securityGroupQueries } from './security-groups.ts';
import { serialQueries } from './serials.ts';
import { groupQueries } from './server-groups.ts';
import { migrationQueries } from './server-migrations.ts';
import { serverQueries } from './servers.ts';
import { subnetQueries } from './subnets.ts';
import { tokenQueries } from './tokens.ts';

/** All queries of one session. */
export function queriesOver(session: Session, silence: HostSilence): Queries {
  return {
    servers: serverQueries(session),
    operations: operationQueries(session),
    actions: actionQueries(session),
    serials: serialQueries(session),
    hosts: hostQueries(session, silence),
    aggregates: aggregateQueries(session),
    groups: groupQueries(session),
    migrations: migrationQueries(session),
    flavors: flavorQueries(session),
    images: imageQueries(session),
    keypairs: keypairQueries(session),
    identity: identityQueries(session),
    tokens: tokenQueries(session),
    failedLogins: failedLoginQueries(session),
    quotas: quotaQueries(session),
    networks: networkQueries(session),
    subnets: subnetQueries(session),
    ports: portQueries(session),
    securityGroups: securityGroupQueries(session),
    secrets: secretQueries(session),
    restored: restoredQueries(session),
    retiredIds: retiredIdQueries(session),
    identityClaims: identityClaimQueries(session),
    purge: purgeQueries(session),
    chores: choreQueries(session),
  };
}
