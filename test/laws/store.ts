import { after, before, describe } from 'node:test';
import type { Store } from '../../src/store/promise/store.ts';
import { storeAddressModelLaws } from './store-address-model.ts';
import { storeAddressLaws } from './store-addresses.ts';
import { storeCatalogLaws } from './store-catalog.ts';
import { storeDurabilityLaws } from './store-durability.ts';
import { storeHostLaws } from './store-hosts.ts';
import { storeIdentityLaws } from './store-identity.ts';
import { storeLeaseLaws } from './store-leases.ts';
import { storeListLaws } from './store-list.ts';
import { storeModelLaws } from './store-model.ts';
import { storeMoveLaws } from './store-moves.ts';
import { storeNetworkRaceLaws } from './store-network-races.ts';
import { storeNetworkLaws } from './store-networks.ts';
import { storePurgeLaws } from './store-purge.ts';
import { storeRecordLaws } from './store-records.ts';
import { storeServerLaws } from './store-servers.ts';
import { storeTransactionLaws } from './store-transactions.ts';

/** A store for a test: empty at first, and gone after `close`. */
export interface OpenedStore {
  readonly store: Store;
  /** What `openStore` takes to open it in another process. */
  readonly connection: string;
  /** Closes the store and opens what it has kept. */
  reopen(): Promise<Store>;
  close(): Promise<void>;
}

/** Gives the store of the suite that is running. */
export type TheStore = () => OpenedStore;

/** What every store promises (`src/store/promise/store.ts`), each group of laws on a store of its own. */
export function storeLaws(name: string, open: () => Promise<OpenedStore>): void {
  const groups: Readonly<Record<string, (the: TheStore) => void>> = {
    servers: storeServerLaws,
    'lists of servers': storeListLaws,
    'any sequence of writes': storeModelLaws,
    transactions: storeTransactionLaws,
    durability: storeDurabilityLaws,
    'operations, actions, serials, quotas': storeRecordLaws,
    'leases on operations': storeLeaseLaws,
    'hosts, credentials, aggregates': storeHostLaws,
    'groups, moves': storeMoveLaws,
    'flavors, images, keypairs': storeCatalogLaws,
    'identity and tokens': storeIdentityLaws,
    'networks, subnets, ports, security groups': storeNetworkLaws,
    'addresses of ports': storeAddressLaws,
    'any sequence of claims': storeAddressModelLaws,
    'races in the network tables': (the) => storeNetworkRaceLaws(() => [the().store]),
    'rows of the past': storePurgeLaws,
  };
  for (const [group, laws] of Object.entries(groups))
    describe(`${name}: ${group}`, () => {
      let opened: OpenedStore;
      before(async () => {
        opened = await open();
      });
      after(() => opened.close());
      laws(() => opened);
    });
}
