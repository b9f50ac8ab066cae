/** The thread of `probe.ts`: one question after the other, a few milliseconds apart. */
import { Agent, get } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';

const PAUSE_MS = 2;
const agent = new Agent({ keepAlive: true });
let ms = 0;
let answers = 0;

parentPort?.on('message', (word: 'reset' | 'tell') => {
  if (word === 'tell') parentPort?.postMessage({ ms, answers });
  ms = 0;
  answers = 0;
});

function ask(): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = get(workerData as string, { agent }, (answer) => {
      answer.resume();
      answer.on('end', resolve);
    });
    request.on('error', reject);
  });
}

for (;;) {
  const began = performance.now();
  await ask();
  ms = Math.max(ms, performance.now() - began);
  answers++;
  await wait(PAUSE_MS);
}
