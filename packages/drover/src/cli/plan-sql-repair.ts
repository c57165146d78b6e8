import { checkConstraintsAtOnce, type MappingPlan } from '../plan/plan.ts'
import type { RepairStatements } from '../plan/repair-plan.ts'
import { block, comment, type Step } from './sql-blocks.ts'

/** What is executed when rows of a loaded run are mended: `drover quarantine retry`, `drover unmerge`. */
export function renderRepairs(mappings: readonly MappingPlan[]): readonly string[] {
  return [
    comment([
      'What `drover quarantine retry` and `drover unmerge` execute once the run is loaded: all in one transaction, each',
      'part for the mappings that it concerns. The ledger names the rows, in drover.repair_key. Parameters: $1 run.',
    ]),
    ...mappings.flatMap(({ name, statements }) => block(`${name}: mend`, steps(statements.repair))),
  ]
}

function steps(repair: RepairStatements): readonly Step[] {
  const { restore, dependents, waitingKeys } = repair
  return [
    [null, checkConstraintsAtOnce],
    ['rows that are made of rows of the source which have fixes', repair.readers],
    ['whether the query reads such rows', restore?.isFixed ?? null],
    ['the query that the mapping reads from, asked again', restore?.store ?? null],
    ['rows by which the answer differs. $2 here: whether of all rows', restore?.compare ?? null],
    ...(restore?.takeOver ?? []).map((statement) => [null, statement] as const),
    ['rows that are gone. $2 here: the entry that adjusts the counts', restore?.withdraw ?? null],
    ...dependents.map(({ mapping, find }) => [`rows that refer to moved rows of ${mapping}`, find] as const),
    ...dependents.map(({ mapping, count }) => [`how many refer to the row $2 of ${mapping}`, count] as const),
    ['duplicates are told apart again', repair.regroup],
    ['what the row function is given', repair.compute],
    ['the rows that are tried. $2 here: the entry that adjusts the counts', repair.again],
    ['the rows as they were before', repair.createImages],
    ...waitingKeys.flatMap(({ wait }) => wait.map((statement) => ['both sides of the key change', statement] as const)),
    ['what follows from moved rows. $2 here: the mappings that have them', repair.follow],
    ...waitingKeys.map(({ enforce }) => [null, enforce] as const),
  ]
}
