import type { Mistake } from './mappings.ts'

/** One of each kind of mistake that must not compile. */
export const mistakes: readonly Mistake[] = [
  // A text for a uuid, in the key and elsewhere; a timestamp for an instant.
  { column: 'id', expression: 'v.id' },
  { column: 'parent_id', expression: 'v.parent_id' },
  { column: 'made_1', expression: 'v.made_1' },
  // A null for a column that refuses it, with and without a default.
  { column: 'label_1', expression: 'v.label_1' },
  { column: 'flag_1', expression: 'v.flag_1' },
  // A decision that was forgotten.
  { column: 'amount_1', expression: 'decimal(v.amount_1)' },
  // A value that the enumeration does not have.
  { column: 'state_1', expression: `oneOf(v.state_1, ['active', 'closed']).orElse('active')` },
  // Columns that do not exist, or are not given.
  { column: 'number_1', expression: 'v.numbr_1' },
  { column: 'colour', expression: 'v.note_1' },
  { missing: 'number_2' },
]
