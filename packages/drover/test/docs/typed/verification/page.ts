// biome-ignore-all lint/correctness/noUnusedImports: the blocks of the page use them
// biome-ignore-all lint/correctness/noUnusedVariables: the same
import { asRole, crosswalk, type date, defineMigration, derivedUuid, type numeric, ref, sql, type uuid } from 'drover'
import type { App } from './app.types.ts'
import type { Legacy } from './legacy.types.ts'

const m = defineMigration<Legacy, App>({ name: 'practice', cutover: '2025-06-01T00:00:00Z' })

const clinics = m.map('clinics', {
  from: (db) => db.selectFrom('legacy.clinics as c'),
  key: ({ c }) => c.id,
  to: 'public.clinics',
  columns: ({ c }) => ({ id: derivedUuid(c.id), name: c.name }),
  // block: equivalent: (made, found)
})

const payments = m.map('payments', {
  from: (db) => db.selectFrom('legacy.payments as v'),
  key: ({ v }) => v.id,
  to: 'public.payments',
  columns: ({ v }) => ({
    id: derivedUuid(v.id),
    clinic_id: ref(v.clinic_id, clinics).orQuarantine(),
    paid_on: v.paid_on,
    amount: v.amount,
  }),
  // block: totals: ({ v }, to)
})

// block: const checks = [

// block: const member =

// block: m.probe('the dashboard

// block: export default m.migration([clinics, payments], { checks,
