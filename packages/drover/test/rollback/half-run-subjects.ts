import type { Database } from '../../src/db/connection.ts'
import type { Plan } from '../../src/plan/plan.ts'
import { rollbackPlanFor, rollbackSchema } from '../faults/rollback-subject.ts'
import { fill, planFor, schema } from '../run/fixture.ts'
import type { TestDatabase } from '../support/connect.ts'
import { digest } from '../support/digest.ts'

/** What is run, stopped on the way, and taken back. */
export interface Subject {
  readonly schema: string
  planFor(db: Database): Promise<Plan>
  /** What two runs must agree in. */
  targetOf(database: TestDatabase): Promise<unknown>
}

export type SubjectName = 'reversed' | 'practice'

export const subjects: Readonly<Record<SubjectName, Subject>> = {
  reversed: {
    schema: rollbackSchema,
    planFor: rollbackPlanFor,
    targetOf: async (database) => {
      const { 'new.accounts': _, ...others } = await digest(database, ['new'])
      // Which account draws which number depends on who comes first.
      const accounts = await database.query('select id, email, phone, updates from new.accounts order by id')
      return { others, accounts }
    },
  },
  practice: {
    // The database refuses two of the rows: with a limit below that, a run fails.
    schema: `${schema}alter table new.visits add check (number not in (900, 4500));${fill(60, 9000)}`,
    planFor: (db) => planFor(db),
    targetOf: (database) => digest(database, ['new']),
  },
}
