import { type OptionGroup, option } from '../option.ts';
import { databaseAddress } from '../types.ts';

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
  },
} as const satisfies OptionGroup;
