import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it, type TestContext } from 'node:test';
import { nameplate, type Ran, simulatedStart } from '../../test/lab/command.ts';
import { runCli } from '../../test/lab/run-cli.ts';
import { sampleServer } from '../../test/laws/sample-server.ts';
import { Failure } from '../model/failure.ts';
import { parsePointInTime } from '../model/point-in-time.ts';
import { openStore } from '../store/open.ts';
import { parseCommandLine } from './command-line.ts';

const HUGE = 'x'.repeat(50_000);

/** A state directory with so many servers that were deleted at the beginning of 1970, and one that lives. */
async function stateWith(
  t: TestContext,
  { deleted, earlier = false }: { deleted: number; earlier?: boolean },
) {
  const stateDir = await mkdtemp(join(tmpdir(), 'np-db-'));
  t.after(() => rm(stateDir, { recursive: true }));
  const file = join(stateDir, 'nameplate.sqlite');
  if (earlier) {
    const raw = new DatabaseSync(file);
    raw.exec('pragma auto_vacuum = none; create table made_by_an_earlier_version (a)');
    raw.close();
  }
  const store = await openStore({ connection: `sqlite:///${file}` });
  const old = () => sampleServer({ vmState: 'deleted', userData: HUGE, createdAt: 1, updatedAt: 1 });
  for (let n = 0; n < deleted; n++) await store.servers.insert(old());
  const { id } = await store.servers.insert(sampleServer());
  await store.close();
  const rows = async () => {
    const raw = new DatabaseSync(file, { readOnly: true });
    const [{ rows }] = raw.prepare('select count(*) as rows from servers').all() as [{ rows: number }];
    raw.close();
    return rows;
  };
  return { stateDir, file, id, rows, size: async () => (await stat(file)).size };
}

const run = (words: string, stateDir: string) => runCli(words.split(' '), stateDir);

describe('nameplate db', () => {
  it('appends whole rows to an archive whose last row was cut off', async (t) => {
    const { stateDir } = await stateWith(t, { deleted: 3 });
    const to = join(stateDir, 'rows.jsonl');
    await writeFile(to, '{"table": "servers", "row": {"id": "half of');
    assert.equal((await run(`db archive --max-rows 1 --to ${to}`, stateDir)).status, 1);
    assert.equal((await run(`db archive --until-complete --to ${to}`, stateDir)).status, 1);
    const [torn, ...rows] = (await readFile(to, 'utf8')).trimEnd().split('\n');
    assert.match(torn ?? '', /half of$/);
    assert.deepEqual(
      rows.map((row) => JSON.parse(row).table),
      ['servers', 'servers', 'servers'],
    );
  });

  it('ends with the statuses of nova-manage', async (t) => {
    const { stateDir, rows } = await stateWith(t, { deleted: 6 });
    const steps: readonly (readonly [words: string, status: number, left: number, says: RegExp])[] = [
      ['db purge', 1, 7, /needs --before DATE or --all/],
      ['db purge --before yesterday', 2, 7, /--before yesterday: accepted is a date such as 2026-01-31/],
      ['db purge --before 2026-02-30', 2, 7, /accepted is a date/],
      ['db purge --all --max-rows 0', 2, 7, /--max-rows 0: accepted is a whole number from 1/],
      ['db archive --max-rows -1'.replace(' -1', '=-1'), 2, 7, /accepted is a whole number from 1/],
      ['db archive --max_rows 1.5', 2, 7, /accepted is a whole number from 1/],
      ['db archive --before 31.1.2026', 4, 7, /accepted is a date/],
      ['db purge --before 1970-01-01', 3, 7, /Nothing was purged/],
      ['db archive --before 1970-01-01', 0, 7, /Nothing was archived/],
      ['db purge --all --dry-run --verbose', 0, 7, /servers +6\n6 rows would be purged/],
      ['db archive --dry-run', 0, 7, /6 rows would be archived/],
      ['db archive --max_rows 2', 1, 5, /2 rows were archived to .*\.jsonl/],
      [
        'db purge --before 1970-01-02 --max-rows 1 --verbose',
        0,
        4,
        /TABLE +ROWS\nservers +1\n1 rows were purged/,
      ],
      ['db archive --until-complete --max-rows 1', 1, 1, /3 rows were archived/],
      ['db archive --until-complete', 0, 1, /Nothing was archived/],
      ['db purge --all', 3, 1, /Nothing was purged/],
    ];
    for (const [words, status, left, says] of steps) {
      const ended = await run(words, stateDir);
      assert.match(ended.said, says, words);
      assert.equal(ended.status, status, words);
      assert.equal(await rows(), left, words);
    }
  });

  it('tells of a failure, of what it does not understand, and of a database that is not there, and makes none', async (t) => {
    const { stateDir, file } = await stateWith(t, { deleted: 1 });
    for (const words of ['db purge --to x', 'db archive --all', 'db purge --verbos', 'db drop', 'db'])
      assert.throws(() => parseCommandLine(words.split(' ')), { kind: 'invalid' });
    await assert.rejects(run('db archive --to /proc/none/rows.jsonl', stateDir), (error) => {
      assert.ok(error instanceof Failure);
      assert.match(error.operatorText, /none cannot be used: /);
      return true;
    });
    await writeFile(file, 'no database '.repeat(1_000));
    const damaged = await nameplate(['db', 'purge', '--all', '--state-dir', stateDir]);
    assert.deepEqual([damaged.status, damaged.stderr.split('\n').length], [255, 2]);
    assert.match(damaged.stderr, /is not a SQLite database/);
    await rm(file);
    const missing = await nameplate(['db', 'archive', '--state-dir', stateDir]);
    assert.equal(missing.status, 255);
    assert.match(missing.stderr, /^nameplate: There is no database .*nameplate\.sqlite: see .*\n$/);
    assert.deepEqual(await readdir(stateDir), []);
  });

  it('archives each row, whole, to a file for its owner alone', async (t) => {
    const { stateDir } = await stateWith(t, { deleted: 3 });
    const to = join(stateDir, 'kept', 'rows.jsonl');
    assert.equal((await run(`db archive --max-rows 2 --to ${to}`, stateDir)).status, 1);
    assert.equal((await run(`db archive --until-complete --to ${to}`, stateDir)).status, 1);
    const lines = (await readFile(to, 'utf8'))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.deepEqual(
      lines.map(({ table, row }) => [table, row.vm_state, JSON.parse(row.body).userData]),
      Array(3).fill(['servers', 'deleted', HUGE]),
    );
    assert.equal((await stat(to)).mode & 0o777, 0o600);
  });

  it('purges beside a running service, which goes on; what an earlier version made shrinks once the service is stopped', async (t) => {
    const { stateDir, size, rows } = await stateWith(t, { deleted: 60, earlier: true });
    const before = await size();
    const purges: Ran[] = [];
    let answered = 0;
    const ran = await nameplate(simulatedStart(stateDir), {
      async whenReady(stdout) {
        const url = /URL\s+(\S+)/.exec(stdout)?.[1];
        let purging = true;
        const purge = nameplate(['db', 'purge', '--all', '--state-dir', stateDir]).finally(() => {
          purging = false;
        });
        while (purging) answered += Number((await fetch(`${url}/identity/v3`)).ok);
        purges.push(await purge);
      },
    });
    assert.equal(ran.status, 0, ran.stderr);
    const [beside] = purges as [Ran];
    assert.equal(beside.status, 0, beside.stderr);
    assert.match(beside.stderr, /keeps its size: .* Stop the service and run this command again\.\n/);
    assert.ok(answered > 0);
    assert.equal(await rows(), 1);
    assert.ok((await size()) >= before);
    assert.match((await run('db purge --all', stateDir)).said, /is written anew, once/);
    assert.ok((await size()) < before / 4, `${await size()} of ${before}`);
    assert.doesNotMatch((await run('db purge --all', stateDir)).said, /anew/);
  });
});

it('reads a time in UTC, unless the text says otherwise', () => {
  const cases: readonly (readonly [text: string, iso: string | undefined])[] = [
    ['2026-01-31', '2026-01-31T00:00:00.000Z'],
    [' 2024-02-29 ', '2024-02-29T00:00:00.000Z'],
    ['2026-01-31T18:00', '2026-01-31T18:00:00.000Z'],
    ['2026-01-31 18:00:30', '2026-01-31T18:00:30.000Z'],
    ['2026-01-31T18:00:00+02:00', '2026-01-31T16:00:00.000Z'],
    ['2026-01-31Z', '2026-01-31T00:00:00.000Z'],
    ['2026-01-31T18:00:30.25Z', '2026-01-31T18:00:30.250Z'],
    ['2026-02-29', undefined],
    ['2026-01-31 (x)', undefined],
    ['2026-01-31 18:00 PST', undefined],
    ['2026-13-01', undefined],
    ['2026-01-31T25:00', undefined],
    ['', undefined],
    ['now', undefined],
    ['1767225600', undefined],
  ];
  for (const [text, iso] of cases)
    assert.equal(parsePointInTime(text), iso === undefined ? undefined : Date.parse(iso), text);
});
