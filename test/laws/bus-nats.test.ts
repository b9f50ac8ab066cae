import { after, before, describe } from 'node:test';
import { createNatsBus } from '../../src/bus/nats.ts';
import { type LabNats, natsObstacle, startNats } from '../lab/nats.ts';
import { busLaws } from './bus.ts';

describe('the bus over NATS', { skip: natsObstacle() ?? false }, () => {
  let nats: LabNats;
  before(async () => {
    nats = await startNats();
  });
  after(() => nats.stop());
  busLaws('NATS', () =>
    createNatsBus({
      servers: [nats.url],
      credentials: null,
      tlsCa: null,
      name: 'laws',
      log: () => undefined,
    }),
  );
});
