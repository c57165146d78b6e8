import type { Entries, ErrorEntry } from './entry.ts'

/** What is wrong with a call, a definition or a plan: nothing was begun. */
export const errorsOfCalls = {
  'definition-invalid': {
    exit: 2,
    meaning: 'The migration is defined in a way that cannot be carried out.',
    cause:
      'A mapping, a helper or a check says what the schemas, the server or drover cannot do: a column that is not there, a source column that nothing reads, a cast that does not exist. All that is found is told at once, each with its mapping.',
    remedy: 'Mend each place that is listed, then plan again.',
  },
  'migration-file-unreadable': {
    exit: 2,
    meaning: 'The migration file could not be loaded.',
    cause: 'It does not exist, does not compile, throws while it is loaded, or has no migration as its default export.',
    remedy: 'Mend the file at the place that is named, and end it with: export default m.migration([…]).',
  },
  'usage-invalid': {
    exit: 2,
    meaning: 'A flag, an argument, a setting or a file given to a command is wrong.',
    cause:
      'What was given does not exist, cannot be read, contradicts something else that was given, or is not of the form that is asked for.',
    remedy: 'Correct what is named. The command with --help tells its flags.',
  },
  'object-missing': {
    exit: 2,
    meaning: 'A schema, table or column that was named does not exist.',
    cause: 'It is another database than was meant, the schema was not created yet, or the name is written otherwise.',
    remedy:
      'Check the connection string and the name; create the objects with what makes your tables: drover makes none.',
  },
  'function-missing': {
    exit: 2,
    meaning: 'The plan calls functions of a migration file that was not given.',
    cause: 'A plan holds SQL and no code: what `compute` does stands in the migration file alone.',
    remedy: 'Give the migration file too, as in: drover run migration.ts --plan plan.json.',
  },
  'hazard-not-allowed': {
    exit: 2,
    meaning: 'The plan, a rollback or a finalization holds a hazard that was not allowed by name.',
    cause: 'It would do something that is right for some and harmful for others, so that somebody has to say so.',
    remedy: 'Read what each hazard says, then allow it with --allow and its name, or take away what brings it about.',
  },
  'mapping-taken': {
    exit: 2,
    meaning: 'A run of another migration in this database has a mapping of that name.',
    cause: 'The ledger keeps a crosswalk for each mapping by its name, so that two migrations cannot share one.',
    remedy: 'Name the mapping otherwise, or finalize the other run with --drop crosswalks, or take it back.',
  },
} as const satisfies Entries<ErrorEntry>
