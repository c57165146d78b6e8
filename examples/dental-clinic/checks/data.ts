import type { DeclaredCheck } from 'drover'
import { aggregations } from './aggregations.ts'
import { dashboardChecks } from './dashboards.ts'
import { figures } from './figures.ts'
import { goalChecks } from './goals.ts'
import { integrations } from './integrations.ts'
import { ledger } from './ledger.ts'
import { originals } from './originals.ts'
import { passwords } from './passwords.ts'
import { shown } from './shown.ts'
import { sameTimes } from './stamps.ts'
import { tokens } from './tokens.ts'
import { values } from './values.ts'

/** What must hold of the data: nothing is lost, and every figure is what it was or differs for a reason that is told. */
export const dataChecks: readonly DeclaredCheck[] = [
  ...ledger,
  ...figures,
  ...shown,
  ...values,
  ...goalChecks,
  ...integrations,
  tokens,
  ...dashboardChecks,
  aggregations,
  sameTimes,
  ...originals,
  passwords,
]
