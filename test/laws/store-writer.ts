import { openStore } from '../../src/store/open.ts';
import { sampleServer } from './sample-server.ts';

/**
 * A process that writes servers until it is killed, and prints each id when the store has acknowledged it.
 */
const connection = process.argv[2];
if (connection === undefined) throw new Error('store-writer: which store?');
const store = await openStore({ connection });
async function writeOn(): Promise<never> {
  for (;;) {
    const { id } = await store.transaction(async (tx) => {
      const server = await tx.servers.insert(sampleServer({ tags: ['one', 'two'] }));
      return tx.servers.update(server, { vmState: 'active', updatedAt: 1 });
    });
    process.stdout.write(`${id}\n`);
  }
}
await Promise.all([writeOn(), writeOn(), writeOn()]);
