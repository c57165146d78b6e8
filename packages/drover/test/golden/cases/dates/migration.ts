import { businessDate, cutover, type date, dateFromText, defineMigration, plausible, sql } from 'drover'
import type { App } from './app.types.ts'
import type { Legacy } from './legacy.types.ts'

const m = defineMigration<Legacy, App>({ name: 'clinic', cutover: '2025-06-01T00:00:00Z' })

const people = m.map('people', {
  from: (db) => db.selectFrom('legacy.people as p'),
  key: ({ p }) => p.id,
  to: 'app.people',
  columns: ({ p }) => {
    // #region dates
    const born = dateFromText(p.born, { order: 'mdy', twoDigitYearsFrom: 1930 }).orNull('no-birthday')
    const today = sql<date>`(${cutover()} at time zone 'UTC')::date`
    return {
      id: p.id,
      born: plausible(born, { from: '1900-01-01', until: today, sentinels: ['1970-01-01'] }).orNull(),
      hired: dateFromText(p.hired, { order: 'ymd' }).orNull(),
      paid: dateFromText(p.paid, { order: 'dmy' }).orQuarantine('no-payday'),
      seen: plausible(p.seen, { from: '2015-01-01', until: '2025-06-01' }).orNull('never-seen'),
      closed: businessDate(p.closed, { zone: 'America/Chicago' }).orNull(),
    }
    // #endregion
  },
})

export default m.migration([people])
