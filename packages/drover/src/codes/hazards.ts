import type { Entries } from './entry.ts'

/** What a plan may hold, or a run lack, and somebody has to allow by name before the run. */
export const runHazards = {
  'merges-rows': {
    meaning: 'Several source rows become one target row.',
    cause: 'The mapping has an identity, and duplicates are merged into a survivor.',
    remedy: 'See which rows that would be with drover check. Every merge is kept, and drover unmerge takes one back.',
  },
  'writes-existing-rows': {
    meaning: 'Rows that the target holds already get new values.',
    cause: 'The mapping evolves rows in place, or updates those that it matches.',
    remedy:
      'See that those columns are the ones that you mean. Each row is kept as it was, and a rollback puts it back.',
  },
  'fires-triggers': {
    meaning: 'Triggers of the target fire for every row that the run writes.',
    cause: 'The table has triggers that are enabled: they may send mail, write elsewhere, or change the row.',
    remedy: 'Read what the triggers do; disable those that must not fire, and plan again.',
  },
  'drops-indexes': {
    meaning: 'Indexes and constraints are taken off empty targets, and made again after the load.',
    cause: 'To load a table without them takes a fraction of the time and of the write-ahead log.',
    remedy:
      "See that nobody needs those tables meanwhile; or let them stay: target: { indexes: 'keep' } in defineMigration.",
  },
  'volatile-defaults': {
    meaning: 'A column is left to a default that differs from run to run.',
    cause:
      'The mapping does not give the column, and its default is a sequence, the clock, random, or a function of yours, which may be any of these.',
    remedy: 'Give the column in the mapping where two runs have to agree; allow it where they need not.',
  },
  'random-ids': {
    meaning: 'A column is random and differs from run to run.',
    cause: 'The mapping makes it with randomUuid, or with a random function of its own.',
    remedy: 'Derive it from the source key (derivedUuid) where two runs have to agree; allow it where they need not.',
  },
  'runs-javascript': {
    meaning: 'Rows leave the database for a function of the migration file.',
    cause: 'The mapping has `compute`.',
    remedy: 'See that the machine may hold such rows, and that the function gives the same for the same row.',
  },
  'unseen-changes': {
    meaning: 'What others change in the target after the load is seen by no verification and no rollback.',
    cause:
      'Its rows lie on the nodes of a cluster, bear no transaction that tells who wrote them, and hold columns that cannot be computed again.',
    remedy: 'Keep the application away from the target until the run is finalized or taken back.',
  },
  'sequences-per-node': {
    meaning: 'Sequences are set past the loaded rows on the coordinator alone.',
    cause: 'The target is distributed: inserts by way of other nodes draw from ranges of their own.',
    remedy: 'See that the loaded keys do not lie in those ranges, or insert by way of the coordinator.',
  },
  'source-not-frozen': {
    meaning: 'Nothing keeps the application from writing to what the run reads.',
    cause: "The migration says freeze: 'none', or it reads what cannot be blocked, such as a view or a foreign table.",
    remedy: "Stop the application for the time of the run; or choose freeze: 'verify', which tells of writes.",
  },
  unrehearsed: {
    meaning: 'Nobody has seen this plan carried out and taken back.',
    cause: 'No rehearsal of it has passed, or the last one has failed.',
    remedy: 'Rehearse it: drover rehearse.',
  },
} as const satisfies Entries

/** A hazard of a plan. */
export type RunHazard = keyof typeof runHazards

/** What stands in the way of an end alone; `unrehearsed`, of {@link runHazards}, does so too. */
export const endHazards = {
  unverified: {
    meaning: 'A run is to be finalized that has no verification which passed.',
    cause: 'It was not verified, or something failed, or it was changed since.',
    remedy: 'Verify it: drover verify.',
  },
} as const satisfies Entries

/** A hazard of ending a run for good. */
export type EndHazard = keyof typeof endHazards

/** What may stand in the way of a rollback. */
export const rollbackHazards = {
  'restore-fires-triggers': {
    meaning: 'Triggers of the application would fire while rows are taken back.',
    cause: 'The role may neither act as a replica nor alter those tables.',
    remedy: 'Connect as the owner of the tables; or read what the triggers do, then allow it.',
  },
} as const satisfies Entries

/** A hazard of taking a run back. */
export type RollbackHazard = keyof typeof rollbackHazards
