import { type Command, Option } from 'commander';
import {
  backupArguments,
  busArguments,
  configArguments,
  dbArguments,
  hostArguments,
  identityArguments,
  operationListArguments,
  restoreArguments,
} from './arguments.ts';
import { valueOption, withConfig, withRows } from './option-table.ts';
import type { Terminal } from './terminal.ts';

/** The work of a command, which loads its code when it runs. @returns a number as its exit status */
export type Work = (command: Command, terminal: Terminal) => Promise<unknown>;

/** Makes a commander action from a command's work. */
export type Doing = (work: Work) => (...given: unknown[]) => void;

/** Adds all commands. */
export function addCommands(program: Command, doing: Doing): void {
  addServices(program, doing);
  addBus(program.command('bus').description('prepare NATS: init'), doing);
  addHosts(program.command('host').description('compute hosts: add, remove, list'), doing);
  addIdentity(
    program.command('identity').description('what guests are known by: show, preview, audit'),
    doing,
  );
  addOperations(program.command('operation').description('durable operations: list, show'), doing);
  addServers(program.command('server').description('servers: import'), doing);
  const db = program.command('db').description('the database: backup, restore, archive, purge');
  addBackup(db, doing);
  addRows(db, doing);
}

function addServices(program: Command, doing: Doing): void {
  withConfig(program.command('start'))
    .description('run everything in one process: the APIs, the store, the agent of this host (the default)')
    .action(
      doing(async (command, terminal) =>
        (await import('./start.ts')).start(configArguments(command.opts()), terminal),
      ),
    );
  withConfig(program.command('serve'))
    .description('run a replica of the control plane: the APIs and the operations; needs NATS')
    .action(
      doing(async (command, terminal) =>
        (await import('./serve.ts')).serve(configArguments(command.opts()), terminal),
      ),
    );
  withConfig(program.command('agent'))
    .description('run the agent of this compute host; needs NATS and no database')
    .action(
      doing(async (command, terminal) =>
        (await import('./agent.ts')).agent(configArguments(command.opts()), terminal),
      ),
    );
}

function addBus(bus: Command, doing: Doing): void {
  bus
    .command('init')
    .description("write the configuration of a NATS server and the control plane's credentials to --dir")
    .addOption(keysOption())
    .addOption(valueOption('--data-dir <dir>', 'where NATS keeps its data (default: data below --dir)'))
    .addOption(valueOption('--listen <host:port>', 'where NATS is to listen (default: 127.0.0.1:4222)'))
    .addOption(valueOption('--tls-cert <file>', "the NATS server's certificate, PEM"))
    .addOption(valueOption('--tls-key <file>', 'its key, PEM'))
    .addOption(valueOption('--tls-ca <file>', 'the authority that signed it, for those who connect'))
    .action(
      doing(async (command, terminal) =>
        (await import('./bus-init.ts')).busInit(busArguments(command.opts()), terminal),
      ),
    );
}

function addHosts(host: Command, doing: Doing): void {
  host
    .command('add')
    .argument('<name>', 'the name of the host: [DEFAULT] host of its agent')
    .description("issue the credentials of a compute host's agent")
    .addOption(keysOption())
    .action(
      doing(async (command, terminal) =>
        (await import('./host-credentials.ts')).hostAdd(hostArguments(command), terminal),
      ),
    );
  withConfig(host.command('remove'))
    .argument('<name>', 'the name of the host')
    .description('revoke the credentials of a host, and disconnect whoever uses them')
    .addOption(keysOption())
    .action(
      doing(async (command, terminal) =>
        (await import('./host-credentials.ts')).hostRemove(hostArguments(command), terminal),
      ),
    );
  withConfig(host.command('list'))
    .description('print the compute hosts that have reported')
    .action(
      doing(async (command, terminal) =>
        (await import('./host-list.ts')).hostList(configArguments(command.opts()), terminal),
      ),
    );
}

function addOperations(operation: Command, doing: Doing): void {
  const after = '\ndocs/operations.md says what each operation does, step by step.';
  withConfig(operation.command('list'))
    .description('print operations from the database, newest first')
    .addOption(valueOption('--server <id>', 'only those of this server'))
    .addOption(valueOption('--state <state>', 'only running, unwinding, done or undone ones'))
    .addOption(valueOption('--kind <kind>', 'only those of this kind, such as resize-server'))
    .addOption(valueOption('--since <time>', 'only those that changed since then, such as 2026-01-31T18:00'))
    .addOption(valueOption('--limit <n>', 'the most that are printed (default: 50)'))
    .addHelpText('after', after)
    .action(
      doing(async (command, terminal) =>
        (await import('./operations.ts')).operationList(operationListArguments(command.opts()), terminal),
      ),
    );
  withConfig(operation.command('show'))
    .argument('<id>', 'the id of the operation')
    .description('print an operation with its steps: times, tries, failures, what was undone')
    .addHelpText('after', after)
    .action(
      doing(async (command, terminal) =>
        (await import('./operations.ts')).operationShow(
          { id: command.args[0] ?? '', ...configArguments(command.opts()) },
          terminal,
        ),
      ),
    );
}

function addIdentity(identity: Command, doing: Doing): void {
  const after = '\ndocs/identity.md says what each value is, and what changes it.';
  withConfig(identity.command('show'))
    .argument('<server>', 'the id of the server')
    .description('print all values that the guest of a server is known by, and what waits')
    .addHelpText('after', after)
    .action(
      doing(async (command, terminal) =>
        (await import('./identity.ts')).identityShow(identityArguments(command), terminal),
      ),
    );
  withConfig(identity.command('preview'))
    .argument('<server>', 'the id of the server')
    .addOption(valueOption('--host <name>', 'only this compute host'))
    .description('print what a move to each host would do to those values')
    .addHelpText('after', after)
    .action(
      doing(async (command, terminal) =>
        (await import('./identity.ts')).identityPreview(identityArguments(command), terminal),
      ),
    );
  withConfig(identity.command('audit'))
    .description('print values that several guests read, guests that deviate, and what is pending')
    .addHelpText('after', after)
    .action(
      doing(async (command, terminal) =>
        (await import('./identity.ts')).identityAudit(configArguments(command.opts()), terminal),
      ),
    );
}

function addServers(server: Command, doing: Doing): void {
  const several = (value: string, before: readonly string[] = []) => [...before, value];
  server
    .command('import')
    .description('make a server of a libvirt domain of this machine, of a disk or of an image')
    .addOption(valueOption('--domain <name>', 'a domain that is switched off'))
    .addOption(valueOption('--disk <file>', 'a QCOW2 or raw disk'))
    .addOption(valueOption('--image <id>', 'an image that is in the image service already'))
    .option('--same', 'the server is the old machine: it keeps its identity, which nothing else may have')
    .option('--copy', 'the server is another machine: it gets an identity of its own')
    .option('--undefine', 'with --same: take the definition of the domain away; its disk stays')
    .addOption(valueOption('--flavor <id>', 'the flavor of the server'))
    .addOption(valueOption('--name <name>', 'the name of the server (default: that of the domain)'))
    .addOption(
      new Option('--network <id>', 'a network for each interface in order, or none').argParser(several),
    )
    .addOption(valueOption('--host <name>', 'the compute host that is to run it'))
    .addOption(valueOption('--uuid <uuid>', 'the UUID to keep, which becomes the id of the server'))
    .addOption(valueOption('--serial <serial>', 'the serial to keep'))
    .option('--no-serial', 'the old machine has no serial')
    .addOption(valueOption('--disk-serial <serial>', 'the serial of the disk to keep'))
    .addOption(
      new Option('--mac <address>', 'a MAC address to keep, for each interface in order').argParser(several),
    )
    .addOption(valueOption('--machine-type <type>', 'the machine type to keep, such as pc-i440fx-7.2'))
    .addOption(valueOption('--connect <uri>', 'the libvirt of the domain (default: qemu:///system)'))
    .option('--dry-run', 'print what would be kept and who has it, and change nothing')
    .addHelpText(
      'after',
      '\nThe service and its administrator are those of OS_AUTH_URL, OS_USERNAME, OS_PASSWORD and OS_PROJECT_NAME.\ndocs/import.md says what is kept, and when an import is refused.',
    )
    .action(
      doing(async (command, terminal) =>
        (await import('./server-import.ts')).serverImport(command.opts(), terminal),
      ),
    );
}

function addBackup(db: Command, doing: Doing): void {
  const after = '\ndocs/backup.md says what a backup holds, and how to restore one.';
  withConfig(db.command('backup'))
    .description('copy the database to a file, also while services are running')
    .addOption(valueOption('--to <file>', 'the file (default: in backup/ of --state-dir)'))
    .option('--force', 'replace the file where it exists')
    .addHelpText('after', after)
    .action(
      doing(async (command, terminal) =>
        (await import('./db-backup.ts')).dbBackup(backupArguments(command.opts()), terminal),
      ),
    );
  withConfig(db.command('restore'))
    .description('replace the database by a backup; no service may be running')
    .addOption(valueOption('--from <file>', 'the backup').makeOptionMandatory())
    .option('--force', 'restore although there is a database; a SQLite file is kept under another name')
    .addHelpText('after', after)
    .action(
      doing(async (command, terminal) =>
        (await import('./db-backup.ts')).dbRestore(restoreArguments(command.opts()), terminal),
      ),
    );
  withConfig(db.command('confirm-restore'))
    .description(
      'after a restore: let the service delete guests and disks that the database does not know of',
    )
    .addHelpText('after', after)
    .action(
      doing(async (command, terminal) =>
        (await import('./db-backup.ts')).dbConfirmRestore(configArguments(command.opts()), terminal),
      ),
    );
}

function addRows(db: Command, doing: Doing): void {
  const after = '\ndocs/database.md says which rows go, which stay, and what the exit statuses mean.';
  withRows(db.command('archive'), '1000')
    .description('move rows of deleted servers and of what was done to servers from the database to a file')
    .option('--until-complete', 'all of them, however many')
    .addOption(
      valueOption(
        '--to <file>',
        'where the rows go, a JSON object a line (default: in archive/ of --state-dir)',
      ),
    )
    .addHelpText('after', after)
    .action(
      doing(async (command, terminal) =>
        (await import('./db.ts')).dbArchive(dbArguments(command.opts()), terminal),
      ),
    );
  withRows(db.command('purge'), 'no limit')
    .description('remove such rows for good, and give their space back; needs --before or --all')
    .option('--all', 'regardless of their age')
    .addHelpText('after', after)
    .action(
      doing(async (command, terminal) =>
        (await import('./db.ts')).dbPurge(dbArguments(command.opts()), terminal),
      ),
    );
}

function keysOption() {
  return valueOption('--dir <dir>', 'where the keys are that sign credentials').makeOptionMandatory();
}
