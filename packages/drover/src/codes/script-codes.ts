import type { Entries } from './entry.ts'

/** The SQLSTATEs with which a reversal script stops. */
export const scriptCodes = {
  DV001: {
    meaning: 'The script does not fit the database, or the role.',
    cause: 'It is another database, the run went on since the script was made, or the role may not take it back.',
    remedy: 'Follow the hint: connect elsewhere or as the owner, or make the script anew.',
  },
  DV002: {
    meaning: 'Others have written since the run, and it is not decided what becomes of that.',
    cause: 'Rows were changed, deleted or added by others; or a decision names a table without any.',
    remedy: 'Decide with drover.on_conflict at the top of the script. Nothing was touched.',
  },
  DV003: {
    meaning: 'Rows were changed while they were taken back, or chunks are left.',
    cause: 'The application writes to the tables, or an earlier call of the script was stopped.',
    remedy: 'Stop the application, then run the script again: it goes on from there.',
  },
  DV004: {
    meaning: 'A row would refer to one that is gone.',
    cause: 'A row as it was before the run, or the default of a reference, leads to a row that goes.',
    remedy: 'Bring that row back, or decide to keep the rows of the table; then run the script again.',
  },
  DV005: {
    meaning: 'Triggers of the application would fire while rows are taken back.',
    cause: 'The role may neither act as a replica nor alter those tables.',
    remedy: 'Connect as the owner, or set drover.allow_triggers to on at the top of the script.',
  },
  DV006: {
    meaning: 'A table differs from the start, and nobody else has written to it.',
    cause: 'The fingerprint after the rollback is not the one from before the run.',
    remedy: 'Look at the table and the report; restore a backup where you cannot explain it. Please report it.',
  },
} as const satisfies Entries

/** The SQLSTATE of an error that a reversal script raises. */
export type ScriptCode = keyof typeof scriptCodes
