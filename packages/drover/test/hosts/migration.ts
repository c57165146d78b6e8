import { existsSync } from 'node:fs'
import { hostname } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  blankToNull,
  decimal,
  defineMigration,
  derivedUuid,
  fold,
  oldest,
  oneOf,
  ref,
  required,
  sql,
  squish,
} from '../../src/index.ts'
import type { Anything } from '../plan/planned.ts'

// What hosts work on together: duplicates, rows that are set aside, rows that evolve, and a function in JavaScript.

const m = defineMigration<Anything, Anything>({ name: 'hosts', cutover: '2025-06-01T00:00:00Z' })

const clinics = m.map('clinics', {
  from: (db) => db.selectFrom('old.clinics as c'),
  key: ({ c }) => c.id!,
  identity: ({ c }) => [fold(c.name!)],
  survivor: ({ c }) => oldest(c.created_at!),
  to: 'new.clinics',
  columns: ({ c }) => ({
    id: derivedUuid(c.id!),
    name: required(blankToNull(squish(c.name!))).orQuarantine('no-name'),
    status: oneOf(c.status!, ['active', 'inactive']).orElse('inactive'),
  }),
})

const visits = m.map('visits', {
  from: (db) => db.selectFrom('old.visits as v'),
  key: ({ v }) => v.id!,
  compute: {
    reads: ({ v }) => ({ number: sql`${v.number}::text` }),
    writes: { shout: 'text' },
    async batch(rows) {
      await heldUp()
      return rows.map(({ number }) => ({ shout: `${number}!` }))
    },
  },
  to: 'new.visits',
  columns: ({ v }, computed) => ({
    id: derivedUuid(v.id!),
    clinic_id: required(ref(v.clinic_id!, clinics).orQuarantine()).orQuarantine('no-clinic'),
    number: v.number!,
    amount: decimal(v.amount!, { scale: 2 }).orQuarantine(),
    shout: required(computed.shout!).orQuarantine(),
  }),
  dropped: ['at', 'note'],
})

/** Begins when every visit is there. */
const letters = m.map('letters', {
  from: (db) => db.selectFrom('old.visits as v'),
  key: ({ v }) => v.id!,
  to: 'new.letters',
  columns: ({ v }) => ({
    id: derivedUuid(v.id!),
    visit_id: required(ref(v.id!, visits).orQuarantine('no-visit')).orQuarantine('no-visit'),
  }),
  dropped: ['clinic_id', 'number', 'amount', 'at', 'note'],
})

const settings = m.evolve('settings', {
  from: (db) => db.selectFrom('new.settings as s'),
  to: 'new.settings',
  columns: ({ s }) => ({ value: squish(s.value!) }),
})

export default m.migration([clinics, visits, letters, settings])

/** As long as there is a file with the name of this host, its functions take their time. */
async function heldUp(): Promise<void> {
  const folder = process.env.HOLD_FOLDER
  while (folder !== undefined && existsSync(`${folder}/${hostname()}`)) await sleep(50)
}
