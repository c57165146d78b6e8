import { dateFromText, defineMigration, instant, ordered } from 'drover'
import type { App } from './app.types.ts'
import type { Legacy } from './legacy.types.ts'

const m = defineMigration<Legacy, App>({ name: 'guesthouse', cutover: '2025-06-01T00:00:00Z' })

const stays = m.map('stays', {
  from: (db) => db.selectFrom('legacy.stays as s'),
  key: ({ s }) => s.id,
  to: 'app.stays',
  columns: ({ s }) => {
    // #region ordered
    const arrived = dateFromText(s.arrived, { order: 'mdy' }).orNull('no-date')
    const departed = dateFromText(s.departed, { order: 'mdy' }).orNull('no-date')
    const stay = ordered(arrived, departed, { originals: [s.arrived, s.departed] }).orSwap()
    const booked = instant(s.booked, { zone: 'UTC' }).orQuarantine()
    const paid = instant(s.paid, { zone: 'UTC' }).orQuarantine()
    const deal = ordered(booked, paid).orNull('paid-before-booked')
    const validity = ordered(s.valid_from, s.valid_until).orQuarantine()
    const opening = ordered(s.open_from, s.open_until).orReject('never-open')
    // #endregion
    return {
      id: s.id,
      arrived: stay.from,
      departed: stay.to,
      booked: deal.from,
      paid: deal.to,
      valid_from: validity.from,
      valid_until: validity.to,
      open_from: opening.from,
      open_until: opening.to,
    }
  },
})

export default m.migration([stays])
