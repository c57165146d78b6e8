import type { Entries } from './entry.ts'

const mend = 'Look at the rows that are named, mend what made them so, and verify again; or take the run back.'
const putBack = 'Put it back as it was, or verify with --after-cutover where the change is meant.'

/** The checks of a verification, in the order in which they are carried out and shown. The cause is that of a failure. */
export const checks = {
  'frozen source': {
    meaning: 'Nobody wrote to the tables that the run read, from its first chunk to its last.',
    cause: 'The application went on to write to the source.',
    remedy: 'Take the run back, stop the application, and run again.',
  },
  conservation: {
    meaning: 'The source rows are the sum of what became of them, chunk by chunk and in all.',
    cause:
      "Somebody changed the ledger, or it is a defect of drover: a chunk with a wrong sum is refused by the ledger's own constraint.",
    remedy: 'Please report it; take the run back.',
  },
  'source rows': {
    meaning: 'The source holds as many rows as the run read.',
    cause: 'Rows were added to the source or deleted from it since.',
    remedy: 'Find out by whom. Rows that came later are not in the target: take the run back and run again.',
  },
  'stored query': {
    meaning: 'A query that a mapping reads from gives the rows that were stored of it.',
    cause: 'The tables that it reads were changed since, or the query gives other rows each time.',
    remedy: 'Order and limit the query by what is unique, or run again.',
  },
  dispositions: {
    meaning: 'The crosswalk, counted by disposition, is what the chunks say that they wrote.',
    cause: 'Somebody changed the tables of the ledger.',
    remedy: mend,
  },
  'crosswalk keys': {
    meaning: 'Every source key is in the crosswalk once, and none that the source does not have.',
    cause: 'Keys of the source were changed since, or somebody changed the ledger.',
    remedy: mend,
  },
  'target keys': {
    meaning: 'A target key stands exactly where a row was loaded, merged or matched.',
    cause: 'Somebody changed the tables of the ledger.',
    remedy: mend,
  },
  quarantine: {
    meaning: 'Every row that is set aside has its entry with reasons, and the other way round.',
    cause: 'Somebody changed the tables of the ledger.',
    remedy: mend,
  },
  merges: {
    meaning: 'Every row that was merged has its entry with the survivor, and the other way round.',
    cause: 'Somebody changed the tables of the ledger.',
    remedy: mend,
  },
  'control totals': {
    meaning: 'Declared sums agree: before the first chunk, at the end of the load, and now.',
    cause: 'A conversion changes amounts, rows were set aside or lost, or others changed them since.',
    remedy: 'See which side differs; explain the difference by what is set aside, or mend the mapping and run again.',
  },
  'targets exist': {
    meaning: 'Every row that was loaded, merged or matched leads to a row of the target.',
    cause: 'Rows of the target were deleted since.',
    remedy: 'Find out by whom; restore them, or take the run back.',
  },
  'row comparison': {
    meaning: 'Every row of the target is what the transform makes of its source row, column by column.',
    cause: 'The row was changed in the target or in the source since, or a trigger changes what is written.',
    remedy: mend,
  },
  'target rows': {
    meaning: 'The target holds its rows from before, those that were loaded, and no others.',
    cause: 'Rows were added or deleted by others since, or by a trigger.',
    remedy: mend,
  },
  columns: {
    meaning: 'All columns are there, of the same type, default and identity, nullable or not as before.',
    cause: 'The table was altered since the plan was made.',
    remedy: putBack,
  },
  references: {
    meaning: 'Every foreign key is there, validated, enforced and unchanged, and no row breaks it.',
    cause: 'It was dropped or altered, or rows were written with triggers off.',
    remedy: mend,
  },
  'undeclared references': {
    meaning: 'Columns that carry a reference without a foreign key lead to rows that exist.',
    cause: 'The rows were deleted since, or the source had them broken and the mapping let that pass.',
    remedy: 'Fill the column with `ref`, which decides about such rows; or fix them.',
  },
  'check constraints': {
    meaning: 'Each is there, validated, enforced and unchanged, and no row breaks it.',
    cause: 'It was dropped, altered, or never validated.',
    remedy: mend,
  },
  uniqueness: {
    meaning: 'No two rows share a unique key, partial and expression indexes included.',
    cause: 'The index was dropped or is not valid.',
    remedy: mend,
  },
  indexes: {
    meaning: 'All indexes are there, valid and unchanged.',
    cause: 'One was dropped, altered, or could not be built.',
    remedy: putBack,
  },
  triggers: {
    meaning: 'All triggers are there, unchanged, and enabled as before.',
    cause: 'One was dropped, altered or disabled.',
    remedy: putBack,
  },
  'row security': {
    meaning: 'Row-level security is on where it was, and its policies are what they were.',
    cause: 'It was switched, or a policy was altered.',
    remedy: putBack,
  },
  sequences: {
    meaning: 'Each sequence stands ahead of the keys in the columns that it feeds, and counts as it did.',
    cause: 'Rows were written with keys of their own, or the sequence was set back.',
    remedy: 'Set it past the largest key with setval.',
  },
  fingerprint: {
    meaning: 'Count and digest of the whole table, to be compared with another copy or a later day.',
    cause: 'The table could not be read as a whole.',
    remedy: 'See why, then verify again.',
  },
  'business rules': {
    meaning: 'A declared query for rows that must not be gives none.',
    cause: 'The rows break a rule that the migration declares.',
    remedy: 'Mend the rows or the mapping, or allow as many of them as are right.',
  },
  parity: {
    meaning: 'A declared question has the same answer in the old and the new schema.',
    cause:
      'The mapping means something else than the application did, or one of the two questions asks something else.',
    remedy: 'Look at the groups that differ; mend mapping or question, or declare the difference as explained.',
  },
  access: {
    meaning: 'Each role sees what it may see, and cannot write what it may not.',
    cause: 'A policy or a privilege lets through more, or less, than the migration declares.',
    remedy: 'Mend the policy, or the column by which it decides.',
  },
  probes: {
    meaning: "A question asked with the application's own client has the answer that is expected.",
    cause: 'The application reads the data otherwise than the mapping means, or the probe could not connect.',
    remedy: 'See what the probe says; mend mapping, application or probe.',
  },
} as const satisfies Entries

/** The name of a check of `drover verify`. */
export type CheckName = keyof typeof checks
