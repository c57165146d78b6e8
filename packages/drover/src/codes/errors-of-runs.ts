import type { Entries, ErrorEntry } from './entry.ts'

/** What stops a run. What it has finished stays, and it can be resumed or cancelled. */
export const errorsOfRuns = {
  'plan-stale': {
    exit: 1,
    meaning: 'The schema changed since the plan was made.',
    cause: 'A table, column, constraint or trigger that the plan goes by was altered, added or dropped.',
    remedy: 'Plan again and look at what is different; where a run is under way, put the schema back as it was.',
  },
  'plan-mismatch': {
    exit: 1,
    meaning: 'A live run of this migration follows another plan.',
    cause: 'The migration file was changed, or another drover plans it, while a run of it has not come to its end.',
    remedy: 'Resume the run with the file it was begun with; or cancel it, take it back and begin anew.',
  },
  'run-missing': {
    exit: 2,
    meaning: 'There is no such run in the ledger.',
    cause: 'The number is wrong, the database is another one, or nothing was run yet.',
    remedy: 'See the runs with drover status.',
  },
  'state-refused': {
    exit: 1,
    meaning: 'The run is in a state that does not allow this.',
    cause:
      'Each state allows certain steps: what is loading cannot be verified, what is finalized cannot be taken back.',
    remedy: 'See the state with drover status, and bring the run where it has to be first.',
  },
  'source-busy': {
    exit: 1,
    meaning: 'Writes to the source could not be blocked.',
    cause:
      'A transaction of the application that writes to a table of the source did not end in time, or another run blocks it.',
    remedy: 'Stop the application, or end that transaction (see pg_stat_activity), then run again.',
  },
  'target-busy': {
    exit: 1,
    meaning: 'Indexes could not be taken off a target while others use the table.',
    cause:
      'A transaction that reads or writes there, or in a table that its foreign keys lead to, did not end in time.',
    remedy:
      "End it (see pg_stat_activity), then run again; or leave the indexes where they are: target: { indexes: 'keep' }.",
  },
  'source-rewritten': {
    exit: 1,
    meaning:
      'A table that is read by physical ranges was rewritten during the run, or the partitions of one have changed.',
    cause:
      'A vacuum full, a cluster or an alter table moved its rows, so that ranges of blocks are not those of the chunks; or a partition was attached, detached, dropped or renamed, and chunks name those that the plan knew.',
    remedy: 'Cancel the run, take back what it has loaded, and run again; let no one rewrite the table meanwhile.',
  },
  'quarantine-limit': {
    exit: 1,
    meaning: 'The database refused more rows of a mapping than the run allows.',
    cause:
      'A constraint or trigger of the target, or a type, does not take values that no guard of the mapping foresaw.',
    remedy: 'Let the mapping decide about such rows, or mend the target, or allow more with --max-quarantined.',
  },
  'chunk-failed': {
    exit: 1,
    meaning: 'A chunk could not be carried out; its transaction was rolled back.',
    cause: 'The statement failed in a way that neither a pause, nor fewer rows, nor setting a row aside gets over.',
    remedy: 'Mend what the SQLSTATE tells of, then resume the run.',
  },
  'step-failed': {
    exit: 1,
    meaning: 'A step between the chunks could not be carried out; it was rolled back.',
    cause:
      'Preparing or closing a mapping, or making an index or constraint again, failed: room, memory, time, or rows that break it.',
    remedy: 'Mend what the SQLSTATE tells of, then resume the run.',
  },
  'compute-failed': {
    exit: 1,
    meaning: 'A row function of the migration file failed; its chunk was rolled back.',
    cause: 'The function threw, or gave other results than the mapping declares.',
    remedy: 'Mend the function, or let it refuse such rows with a code of `refusals`; then resume the run.',
  },
  'workers-failed': {
    exit: 1,
    meaning: 'Workers that a page started ended before they had taken the run up.',
    cause: 'Their process was ended, or could not begin: room, memory, or a limit of the system.',
    remedy: 'See the file that is named for what they have said, and start them again.',
  },
  'conservation-broken': {
    exit: 1,
    meaning: 'The dispositions of a mapping do not add up to its source rows (I2).',
    cause: 'The source was written to during the run, or the key of the mapping is null or not unique.',
    remedy: 'Stop the writers, cancel the run, take back what it has loaded, and run again.',
  },
  'match-not-injective': {
    exit: 1,
    meaning: 'One existing target row is matched by several source rows, or the reverse.',
    cause: 'The columns by which the mapping matches do not name one row on each side.',
    remedy: 'Match by columns that are unique, or merge the rows of the source by an identity first.',
  },
  interrupted: {
    exit: 130,
    meaning: 'The command was interrupted; what it had finished is kept, where it can go on from there.',
    cause: 'Ctrl-C was pressed, or the process was asked to end.',
    remedy: 'Give the command again: it goes on from where it was, where it can.',
  },
} as const satisfies Entries<ErrorEntry>
