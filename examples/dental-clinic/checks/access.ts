import type { DeclaredCheck } from 'drover'
import { accounts } from './accounts.ts'
import { closed } from './closed.ts'
import { dashboardWrites } from './dashboard-writes.ts'
import { isolation } from './isolation.ts'
import { soundObjects } from './objects.ts'
import { people } from './people.ts'
import { tenancy } from './tenancy.ts'
import { visibleRows } from './visible-rows.ts'
import { writes } from './writes.ts'

/** Who may sign in and as what, what each may see and write, and that no clinic meets another one's rows. */
export const accessChecks: readonly DeclaredCheck[] = [
  ...people,
  ...accounts,
  ...tenancy,
  ...soundObjects,
  ...visibleRows,
  ...isolation,
  ...closed,
  ...writes,
  ...dashboardWrites,
]
