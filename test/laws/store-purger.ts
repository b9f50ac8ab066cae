import { openStore } from '../../src/store/open.ts';
import { purge } from '../../src/store/purge.ts';

/** A process that purges until it is killed, and prints a line for each transaction. */
const [, , connection, before] = process.argv;
if (connection === undefined) throw new Error('store-purger: which store?');
const store = await openStore({ connection });
await purge(store, { before: Number(before), onProgress: () => void process.stdout.write('.\n') });
await store.close();
