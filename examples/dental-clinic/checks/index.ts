import type { DeclaredCheck } from 'drover'
import { accessChecks } from './access.ts'
import { applicationProbes } from './application.ts'
import { dataChecks } from './data.ts'

/** What must hold of the migrated data, and what the application must see of it. */
export const checks: readonly DeclaredCheck[] = [...dataChecks, ...accessChecks, ...applicationProbes]
