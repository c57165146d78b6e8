import type { Entries, ErrorEntry } from './entry.ts'

/** What a server, a connection or the ledger refuses. */
export const errorsOfServers = {
  'database-unreachable': {
    exit: 1,
    meaning: 'No PostgreSQL server answers at the given address.',
    cause: 'The server is down, host or port are wrong, a name cannot be resolved, or a firewall stands between.',
    remedy: 'Start the server, or correct host and port in the connection string.',
  },
  'database-refused': {
    exit: 1,
    meaning: 'The server refused the user, the password or the database.',
    cause:
      'User, password or name of the database are wrong, all connections are taken, or the server is a standby, which takes no writes.',
    remedy: 'Check user, password and database in the connection string, and that it leads to the primary server.',
  },
  'connection-lost': {
    exit: 1,
    meaning: 'The connection broke during a transaction, which was rolled back.',
    cause:
      'The server or a pooler was restarted, ended the session, or the network was gone for longer than silenceMs.',
    remedy: 'Check that the server is running, then give the command again: nothing is done twice.',
  },
  'commit-unknown': {
    exit: 1,
    meaning: 'The connection broke during a commit: the ledger tells whether it took place.',
    cause: 'The server went away between the request to commit and its answer.',
    remedy: 'Give the command again: the ledger tells whether it was committed, and nothing is done twice.',
  },
  'server-unsupported': {
    exit: 1,
    meaning: 'The server is older than the versions that drover supports.',
    cause: 'PostgreSQL 14 is the oldest that drover works with.',
    remedy: 'Upgrade the server: with pg_upgrade, or by a dump that is restored into a newer one.',
  },
  'privilege-missing': {
    exit: 1,
    meaning: 'The role that drover connects as may not do what is needed.',
    cause: 'The role is not the owner of the tables, and nobody has granted it what the statements need.',
    remedy: 'Have the owner grant what is named, or connect as the owner.',
  },
  'statement-failed': {
    exit: 1,
    meaning: 'The server refused a statement of drover.',
    cause:
      'The SQLSTATE tells: a lock or a timeout, room that is lacking, an object that was changed meanwhile, or an expression of the migration that fails for a row.',
    remedy:
      "See the SQLSTATE and what is named with it; the server's log has the statement. Mend that, then give the command again.",
  },
  'ledger-newer': {
    exit: 1,
    meaning: 'The ledger was written by a newer drover.',
    cause: 'A later version has worked in this database and has changed the tables of the schema drover.',
    remedy: 'Use the drover that wrote it, or a later one.',
  },
  'ledger-missing': {
    exit: 2,
    meaning: 'The database has no ledger: no run was ever started here.',
    cause: 'The connection string leads to another database than the target, or the schema drover was dropped.',
    remedy: 'Check that the connection string leads to the target database, or start a run with drover run.',
  },
  'version-differs': {
    exit: 1,
    meaning: 'Another version of drover works on the run, or has made its plan.',
    cause: 'Processes of one run were started from installations of different versions.',
    remedy: 'Use one version everywhere; to change it, pause the run and resume it with the other.',
  },
} as const satisfies Entries<ErrorEntry>
