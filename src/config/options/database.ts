import { type OptionGroup, option } from '../option.ts';
import { databaseAddress, integer } from '../types.ts';

/** `[database]`: with oslo.db's names. */
export const databaseGroup = {
  help: "The database of Nameplate's records.",
  options: {
    connection: option({
      type: databaseAddress(),
      default: 'sqlite:///$state_path/nameplate.sqlite',
      from: 'oslo.db',
      secret: true,
      help: 'SQLite for one machine, PostgreSQL for several. The path of the file follows `sqlite:///`, so an absolute path makes four slashes.',
    }),
    purge_after_days: option({
      type: integer({ min: 0, max: 36_500 }),
      default: '90',
      unit: 'days',
      from: 'Nameplate',
      help: 'How long deleted servers and the history of servers are kept. `docs/database.md` lists what is removed and what stays. One replica purges every hour. 0 keeps everything until `nameplate db purge` is called.',
    }),
  },
} as const satisfies OptionGroup;
