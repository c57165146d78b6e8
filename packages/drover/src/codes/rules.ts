import type { Entries } from './entry.ts'

/** What rows of a mapping may break, as `drover check` foresees it. */
export const ruleKinds = {
  'key-null': {
    meaning: 'The key of the mapping is null.',
    cause: 'A column of the key, or what it is computed from, is null in the source.',
    remedy: 'Take a key that every row has, or leave such rows out with `where`. The run fails otherwise.',
  },
  'key-twice': {
    meaning: 'Two rows have one key of the mapping.',
    cause: 'The key is not unique in the source.',
    remedy: 'Take a key that is unique. The run fails otherwise.',
  },
  'match-twice': {
    meaning: 'Several rows stand for one that exists.',
    cause: 'The columns by which the mapping matches are not unique.',
    remedy: 'Match by other columns, or merge the rows first. The run fails otherwise.',
  },
  standing: {
    meaning: 'A row would be loaded under a key that stands in the target already.',
    cause: 'The target is not empty, and a row there has that primary key.',
    remedy: 'Match the rows that exist, or give the new ones other keys.',
  },
  'target-twice': {
    meaning: 'A row would be loaded under the key of another one.',
    cause: 'Two source rows give one primary key of the target.',
    remedy: 'Make the key from what tells the rows apart, or merge them by an identity.',
  },
  'not-null': {
    meaning: 'A column of the target would be null that may not be.',
    cause: 'The expression of the column gives null for these rows.',
    remedy: 'Decide about them with `required`, or on a value with `withDefault`.',
  },
  length: {
    meaning: 'A text is longer than its column.',
    cause: 'The column is declared with a length, and the mapping does not see to it.',
    remedy: 'Decide about them with `atMost`, or widen the column.',
  },
  precision: {
    meaning: 'A number is larger than its column.',
    cause: 'The column is declared with a precision, and the mapping does not see to it.',
    remedy: 'Decide about them with `narrow`, or widen the column.',
  },
  check: {
    meaning: 'A check constraint of the table or of a domain would be broken.',
    cause: 'It does not hold for the values that the mapping makes.',
    remedy: 'Decide about such rows in the mapping with `quarantineWhen`, or mend the constraint.',
  },
  unique: {
    meaning: 'Two rows would share a unique key.',
    cause: 'They agree in its columns, among themselves or with rows that stand in the target.',
    remedy:
      'Merge them by an identity, or fix the rows. All but the one of the lowest source key are set aside otherwise.',
  },
  'foreign-key': {
    meaning: 'A row would refer to one that is not there.',
    cause: 'The column is filled without a reference to a mapping, and the table it leads to lacks the row.',
    remedy: 'Fill it with `ref`, or load the row that it means first.',
  },
} as const satisfies Entries

/** What a check finds beside the rules. */
export const checkFindings = {
  sum: {
    meaning: 'The rows that are foreseen do not add up to those of the source.',
    cause: 'A join of the mapping drops or multiplies rows.',
    remedy: 'Join by what is unique, and with a left join. The run fails otherwise.',
  },
  duplicates: {
    meaning: 'Rows are the same by the identity of the mapping.',
    cause: 'The source holds them more than once.',
    remedy: 'Look at the keys that are told, and see that merging them is what you mean.',
  },
} as const satisfies Entries

/** What kind of rule of the target a row may break. */
export type RuleKind = keyof typeof ruleKinds
