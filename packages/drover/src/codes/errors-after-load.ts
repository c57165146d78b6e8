import type { Entries, ErrorEntry } from './entry.ts'

/** What stands in the way of mending rows, and of taking a run back. */
export const errorsAfterLoad = {
  'row-missing': {
    exit: 2,
    meaning: 'The run has no such row.',
    cause: 'No row of the source key is in quarantine: the key is written otherwise, or the row was mended meanwhile.',
    remedy: 'See the rows that are set aside with drover quarantine list.',
  },
  'key-ambiguous': {
    exit: 2,
    meaning: 'Rows of several mappings have the source key that was named.',
    cause: 'A source key names one row of one mapping only.',
    remedy: 'Say which one is meant with --mapping.',
  },
  'selection-empty': {
    exit: 2,
    meaning: 'What was named means no row, or none with which this can be done.',
    cause: 'Mapping, code and keys together fit no row that waits.',
    remedy: 'See what waits with drover quarantine list, and name less.',
  },
  'merge-missing': {
    exit: 2,
    meaning: 'The run has no such merge.',
    cause: 'The row was loaded itself, stands for others, or is in quarantine.',
    remedy: 'See the rows that were merged with drover merges list.',
  },
  'repair-refused': {
    exit: 1,
    meaning: 'A repair would break a rule of the database or of the ledger; nothing was changed.',
    cause: 'A constraint of the target refuses a row that the repair makes, or others refer to a row that would go.',
    remedy: 'Correct the value that the constraint is about, or what refers to the row, then repair again.',
  },
  'fix-refused': {
    exit: 2,
    meaning: 'A fix names a row or column that cannot be fixed, or a value that its type does not take.',
    cause: 'Fixes are kept by column of the source table; columns of a query, keys and secret columns have none.',
    remedy: 'Correct the fix, or the row where it stands. No fix was stored.',
  },
  'rollback-conflicts': {
    exit: 1,
    meaning: 'Rows that others changed since stand in the way of a rollback; nothing of theirs was touched.',
    cause: 'The application has changed, deleted or added rows since the run, or goes on to do so.',
    remedy: 'Stop the application, and decide for all or table by table: --on-conflict keep, or --on-conflict discard.',
  },
  'rollback-refused': {
    exit: 1,
    meaning: 'The database refuses what a rollback would write; that chunk was not changed.',
    cause:
      'A row as it was before refers to one that is gone, or a row of the run is referred to by one that others added.',
    remedy:
      'Put that right, or decide with --on-conflict for the table; then give the command again: it goes on from there.',
  },
  'run-purged': {
    exit: 1,
    meaning: 'The keys and originals of the run were purged: its rows can no longer be asked about.',
    cause: 'Somebody called drover purge after the run was finalized or rolled back.',
    remedy: 'Read its numbers with drover report; rows are asked about in the target.',
  },
  'ledger-needed': {
    exit: 1,
    meaning: "Objects of others need something in drover's schema.",
    cause:
      'A view, a foreign key or a function of yours refers to a table of the ledger, which drover uninstall would drop.',
    remedy: 'Drop these objects first, or let them stand on something else.',
  },
} as const satisfies Entries<ErrorEntry>
