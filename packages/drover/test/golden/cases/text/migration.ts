import { blankToNull, defineMigration, fold, lowerTrim, matching, required, squish, trim } from 'drover'
import type { App } from './app.types.ts'
import type { Legacy } from './legacy.types.ts'

const m = defineMigration<Legacy, App>({ name: 'shop', cutover: '2025-06-01T00:00:00Z' })

const contacts = m.map('contacts', {
  from: (db) => db.selectFrom('legacy.contacts as c'),
  key: ({ c }) => c.id,
  to: 'app.contacts',
  columns: ({ c }) => {
    // #region text
    const name = required(blankToNull(squish(c.name))).orQuarantine('no-name')
    return {
      id: c.id,
      name,
      compared: fold(name), // for identities and look-ups, not for display
      email: matching(lowerTrim(c.email), '^[^@ ]+@[^@ ]+[.][^@ ]+$').orNull('invalid-email'),
      zip: matching(trim(c.zip), '^[0-9]{4}$').orQuarantine('invalid-zip'),
      remark: blankToNull(c.remark),
    }
    // #endregion
  },
})

export default m.migration([contacts])
