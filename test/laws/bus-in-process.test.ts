import { createInProcessBus } from '../../src/bus/in-process.ts';
import { busLaws } from './bus.ts';

busLaws('the bus in one process', async () => createInProcessBus());
