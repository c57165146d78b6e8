import type { Database } from '../db/connection.ts'
import { ledgerVersion, readLedgerVersions } from '../ledger/install.ts'

/** The versions of the server, of the extensions of its database, and of its ledger. Reads, and changes nothing. */
export function readServerVersions(db: Database): Promise<readonly (readonly [name: string, version: string])[]> {
  return db.transaction(
    async (tx) => {
      const [server] = await tx.query(`select version() as version,
  d.encoding,
  d.collation
from (
  -- From version 15 on the locale may be another provider's.
  select pg_encoding_to_char(encoding) as encoding,
    coalesce(to_jsonb(db) ->> 'datlocale', to_jsonb(db) ->> 'daticulocale', datcollate) as collation
  from pg_database as db
  where datname = current_database()
) as d`)
      const extensions = await tx.query(
        'select extname as name, extversion as version from pg_extension order by extname',
      )
      const installed = await ledgerVersion(tx)
      const newest = (await readLedgerVersions()).at(-1)!.version
      return [
        ['server', String(server!.version)],
        ['database', `${server!.encoding}, collation ${server!.collation}`],
        ['extensions', extensions.map(({ name, version }) => `${name} ${version}`).join(', ') || 'none'],
        ['ledger', installed === 0 ? 'none' : `${installed} (this drover knows up to ${newest})`],
      ]
    },
    { readOnly: true },
  )
}
