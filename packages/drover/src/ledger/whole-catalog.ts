import { isDeepStrictEqual } from 'node:util'
import type { Catalog } from '../catalog/catalog.ts'
import { type OffObject, putBack } from '../catalog/put-back.ts'
import { readCatalog } from '../catalog/read.ts'
import type { Queryable } from '../db/connection.ts'
import { mayRead } from './readable.ts'

/**
 * A catalog net of what runs have taken off their targets and not made again yet. Of a role that may not read the ledger
 * it is the catalog as it stands. A run may take off or make again while the catalog is read: it is read until none did.
 */
export async function readWholeCatalog(tx: Queryable, schemas: readonly string[]): Promise<Catalog> {
  for (let before = await readOff(tx); ; ) {
    const now = await readCatalog((text, values) => tx.query(text, values), schemas)
    const after = await readOff(tx)
    if (isDeepStrictEqual(before, after))
      return after.reduce((catalog, { was, off }) => putBack(catalog, was, off), now)
    before = after
  }
}

interface OffByRun {
  /** The catalog of the run's plan. */
  readonly was: Catalog
  readonly off: readonly OffObject[]
}

async function readOff(tx: Queryable): Promise<readonly OffByRun[]> {
  if (!(await mayRead(tx, ['altered_object', 'run']))) return []
  const rows = await tx.query(
    `select run.plan -> 'catalog' as was, off.objects as off
from (
  select run_id, json_agg(
    json_build_object('schema', table_schema, 'table', table_name, 'name', object_name)
    order by table_schema, table_name, object_name
  ) as objects
  from drover.altered_object
  where change = 'dropped' and restored_at is null
  group by run_id
) as off
join drover.run on run.id = off.run_id
order by run.id`,
  )
  return rows as unknown as readonly OffByRun[]
}
