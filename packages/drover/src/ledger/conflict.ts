/**
 * `changed`, `deleted`: a row that the run wrote, by someone else since · `added`: a row that is not the run's refers to one
 * that is to go · `needed`: a row of the run to which a row that stays refers.
 */
export type ConflictKind = 'changed' | 'deleted' | 'added' | 'needed'
