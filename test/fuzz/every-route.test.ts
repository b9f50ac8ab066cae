import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { Agent } from 'node:http';
import { test } from 'node:test';
import fc from 'fast-check';
import { FuzzedCloud } from './fuzzed-cloud.ts';
import { type RandomRequest, randomRequest } from './random-request.ts';
import { filledIn, type SentRequest, send } from './send.ts';
import { faultsOf } from './verdict.ts';

const isLong = process.env.NAMEPLATE_LONG === '1';
const REQUESTS = isLong ? 100_000 : 20_000;
/** The same requests each time, unless the long run or `NAMEPLATE_SEED` says otherwise. */
const SEED = Number(process.env.NAMEPLATE_SEED ?? (isLong ? randomInt(2 ** 31) : 20_261_128));
/** A new cloud for as many requests: what they do to it does not keep later ones from its depths. */
const ROUND = 1_000;
const CLIENTS = 4;
const RESTOCK_AFTER = 100;
/**
 * Rows that a request may leave on average, whatever it says: a server has about twenty, with its operation's
 * steps.
 */
const MAX_ROWS_PER_REQUEST = 12;
/**
 * Of some 330 routes and actions, those that a random request must get through to, so that the run means
 * something.
 */
const MIN_REACHED = 120;

test(`${REQUESTS} random requests of every kind of token to every route do no harm`, async (t) => {
  t.diagnostic(`NAMEPLATE_SEED=${SEED}`);
  const run: Run = { faults: [], statuses: new Map(), reached: new Set() };
  for (let round = 0; round < REQUESTS / ROUND; round++)
    await playRound(fc.sample(randomRequest(), { seed: SEED + round, numRuns: ROUND }), run);
  const { faults, statuses, reached } = run;
  const counts = [...statuses].sort().map(([status, count]) => `${count} × ${status}`);
  t.diagnostic(`answers by status: ${counts.join(', ')}; ${reached.size} routes and actions succeeded`);
  assert.equal(
    faults.length,
    0,
    `${faults.length} faults, the first of them:\n${faults.slice(0, 20).join('\n\n')}`,
  );
  assert.ok(
    reached.size > MIN_REACHED,
    `only ${reached.size} routes and actions were reached beyond their checks`,
  );
});

/** What is seen over all rounds. */
interface Run {
  readonly faults: string[];
  readonly statuses: Map<number, number>;
  /** Routes and actions that answered some request with success. */
  readonly reached: Set<string>;
}

/** Sends the requests to a new cloud, several at a time, and looks at each answer and at what is left. */
async function playRound(requests: readonly RandomRequest[], run: Run): Promise<void> {
  const fuzzed = await FuzzedCloud.start();
  const agent = new Agent({ keepAlive: true, maxSockets: CLIENTS });
  try {
    const rowsBefore = fuzzed.rows();
    for (let at = 0; at < requests.length; at += RESTOCK_AFTER) {
      await fuzzed.restock();
      const queue = requests.slice(at, at + RESTOCK_AFTER).values();
      await Promise.all(Array.from({ length: CLIENTS }, () => client(queue, { fuzzed, agent, run })));
    }
    run.faults.push(...(await fuzzed.restless()), ...fuzzed.cloud.errors.map((error) => `logged: ${error}`));
    const rows = fuzzed.rows() - rowsBefore;
    if (rows > requests.length * MAX_ROWS_PER_REQUEST) run.faults.push(`${rows} rows were added`);
    const { before, now } = await fuzzed.victimView();
    if (now !== before) run.faults.push(`the victim's things changed:\n${before}\n${now}`);
  } finally {
    agent.destroy();
    await fuzzed.cloud.close();
  }
}

async function client(
  queue: Iterable<RandomRequest>,
  { fuzzed, agent, run }: { fuzzed: FuzzedCloud; agent: Agent; run: Run },
): Promise<void> {
  for (const random of queue) {
    const sent = filledIn(random, fuzzed);
    try {
      const answer = await send(fuzzed.cloud.service.url, sent, agent);
      const found = faultsOf(random, answer, fuzzed.cloud.folder);
      if (found.length > 0)
        run.faults.push(`${found}: ${shown(random, sent)}\n${answer.text.slice(0, 1_000)}`);
      run.statuses.set(answer.status, (run.statuses.get(answer.status) ?? 0) + 1);
      if (answer.status < 300) run.reached.add(random.route);
      if (random.token !== 'admin' && answer.status < 300) learnFrom(random, answer.text, fuzzed);
    } catch (error) {
      run.faults.push(`no answer: ${error}: ${shown(random, sent)}`);
    }
  }
}

function shown({ token, route }: RandomRequest, sent: SentRequest): string {
  return JSON.stringify({ seed: SEED, token, route, ...sent }).slice(0, 2_000);
}

/** What a request made is named by later ones. */
function learnFrom({ method, route }: RandomRequest, text: string, fuzzed: FuzzedCloud): void {
  if (method !== 'POST' || text === '') return;
  const body = JSON.parse(text) as Record<string, { id?: string; name?: string }>;
  if (route === 'POST /image/v2/images') fuzzed.learn('image', String(body.id));
  const { server, keypair, server_group: group } = body;
  if (server?.id !== undefined) fuzzed.learn('server', server.id);
  if (keypair?.name !== undefined) fuzzed.learn('keypair', keypair.name);
  if (group?.id !== undefined) fuzzed.learn('group', group.id);
}
