import { type OptionGroup, option } from '../option.ts';
import { databaseAddress, integer } from '../types.ts';

/** `[database]`: oslo.db's names. */
export const databaseGroup = {
  help: 'Where Nameplate keeps its records.',
  options: {
    connection: option({
      type: databaseAddress(),
      default: 'sqlite:///$state_path/nameplate.sqlite',
      from: 'oslo.db',
      secret: true,
      help: 'SQLite for one machine, PostgreSQL when there are more. After `sqlite://` stands a slash and then the path, so a full path makes four slashes in all.',
    }),
    purge_after_days: option({
      type: integer({ min: 0, max: 36_500 }),
      default: '90',
      unit: 'days',
      from: 'Nameplate',
      help: 'How long deleted servers and what was done to servers are kept: `docs/database.md` says what goes and what stays. One replica looks every hour. 0 keeps everything, until `nameplate db purge` is called.',
    }),
  },
} as const satisfies OptionGroup;
