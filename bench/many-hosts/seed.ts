import type { HostName, ProjectId, UserId } from '../../src/model/ids.ts';
import { openStore } from '../../src/store/open.ts';
import type { PostgresServer } from '../../test/lab/postgres.ts';
import { sampleServer } from '../../test/laws/sample-server.ts';

const MIB_PER_GIB = 1024;

/** A database that is filled up. */
export interface Seeding {
  readonly postgres: PostgresServer;
  /** The database's URL, and its name there. */
  readonly connection: string;
  readonly database: string;
  readonly hosts: readonly string[];
}

/**
 * Puts stopped servers into the store, evenly over the hosts, until there are so many: the first through the
 * store, the others as copies of it inside the database. The sums that claims go by are made to agree.
 */
export async function seedServers(seeding: Seeding, rows: number): Promise<void> {
  const { postgres, database, hosts } = seeding;
  const ask = (text: string) => postgres.query(text, database);
  const [count] = await ask(`select count(*) from servers where name like 'seeded-%'`);
  if (Number(count) === 0) await seedFirst(seeding);
  const there = Math.max(1, Number(count));
  const columns = (
    await ask(
      `select column_name from information_schema.columns where table_name = 'servers' and column_name <> 'number' order by 1`,
    )
  ).map((name) => `"${name}"`);
  const copied: Readonly<Record<string, string>> = {
    '"id"': 'gen_random_uuid()::text',
    '"name"': `'seeded-' || n`,
    '"hostname"': `'seeded-' || n`,
    '"host"': `(array[${hosts.map((host) => `'${host}'`)}])[1 + n % ${hosts.length}]`,
    '"created_at"': 'created_at + n',
    '"updated_at"': 'updated_at + n',
  };
  await ask(
    `insert into servers (${columns}) select ${columns.map((column) => copied[column] ?? column)}
     from (select * from servers where name = 'seeded-0') first, generate_series(${there}, ${rows - 1}) n`,
  );
  const { vcpus, ramMb, rootGb, ephemeralGb, swapMb } = sampleServer().flavor;
  const gb = rootGb + ephemeralGb + Math.ceil(swapMb / MIB_PER_GIB);
  const sums = `count(*), count(*) * ${vcpus}, count(*) * ${ramMb}, count(*) * ${gb}`;
  for (const [scope, holder] of [
    ['host', 'host'],
    ['project', 'project_id'],
  ])
    await ask(
      `insert into server_usage (scope, holder, instances, cores, ram_mb, disk_gb)
       select '${scope}', ${holder}, ${sums} from servers where ${holder} is not null group by ${holder}
       on conflict (scope, holder) do update set instances = excluded.instances, cores = excluded.cores,
       ram_mb = excluded.ram_mb, disk_gb = excluded.disk_gb`,
    );
  // What autovacuum does in a cloud that grew: without it the first queries guess.
  await ask('vacuum analyze');
}

async function seedFirst({ connection, hosts }: Seeding): Promise<void> {
  const store = await openStore({ connection });
  try {
    const [project] = await store.identity.projects.list({ name: 'admin' });
    const [user] = await store.identity.users.list({ name: 'admin' });
    const now = Date.now();
    const rest = { vmState: 'stopped', taskState: null, powerState: 'shutdown' } as const;
    const times = { createdAt: now - 3_600_000, updatedAt: now - 3_600_000, launchedAt: now - 3_600_000 };
    const whose = { projectId: project!.id as ProjectId, userId: user!.id as UserId };
    const first = sampleServer({ name: 'seeded-0', host: hosts[0] as HostName, ...rest, ...times, ...whose });
    await store.transaction((tx) => tx.servers.insert(first));
  } finally {
    await store.close();
  }
}
