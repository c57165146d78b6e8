import type { Queryable } from '../db/connection.ts'

/** Something beside tables that was made so that tables could land. */
export interface LandingObject {
  readonly kind: 'schema' | 'type'
  readonly schema: string
  /** Empty of a schema. */
  readonly name: string
}

/** Notes an object that landing makes, so that it is known as drover's own. Noted twice it is noted once. */
export async function addLandingObject(tx: Queryable, { kind, schema, name }: LandingObject): Promise<void> {
  await tx.query(
    `insert into drover.landing_object (kind, object_schema, object_name) values ($1, $2, $3) on conflict do nothing`,
    [kind, schema, name],
  )
}

/** The last that was made comes first: it may need those before it. */
export async function readLandingObjects(tx: Queryable): Promise<readonly LandingObject[]> {
  const rows = await tx.query(`select kind, object_schema as schema, object_name as name
from drover.landing_object
order by id desc`)
  return rows as unknown as readonly LandingObject[]
}

/** Forgets an object that landing has dropped. */
export async function forgetLandingObject(tx: Queryable, { kind, schema, name }: LandingObject): Promise<void> {
  await tx.query('delete from drover.landing_object where kind = $1 and object_schema = $2 and object_name = $3', [
    kind,
    schema,
    name,
  ])
}
