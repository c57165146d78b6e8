import { qualifiedName } from '../catalog/catalog.ts'
import type { Queryable } from '../db/connection.ts'
import { DroverError } from '../error.ts'
import type { Way } from './way.ts'

/**
 * Makes sure, before anything is taken back, that the role may delete and update what it takes: a run may only have
 * inserted.
 *
 * @throws DroverError `privilege-missing` with the grant for each privilege.
 */
export async function requirePrivileges(tx: Queryable, { steps }: Way): Promise<void> {
  const needed = steps.flatMap(({ mapping, target, imageBlocks }) => [
    ...(mapping.kind === 'evolve' ? [] : [{ target, privilege: 'delete' }]),
    ...(imageBlocks === null ? [] : [{ target, privilege: 'update' }]),
  ])
  const rows = await tx.query(
    `select distinct format('grant %s on %I.%I to %I', privilege, table_schema, table_name, current_user) as statement,
  table_schema as schema, table_name as name, privilege, current_user as role
from unnest($1::text[], $2::text[], $3::text[]) as needed (table_schema, table_name, privilege)
where not has_table_privilege(format('%I.%I', table_schema, table_name)::regclass, privilege)
order by 1`,
    [
      needed.map(({ target }) => target.schema),
      needed.map(({ target }) => target.name),
      needed.map(({ privilege }) => privilege),
    ],
  )
  const [first] = rows
  if (first === undefined) return
  throw new DroverError('privilege-missing', `The role ${first.role} may not take the run back.`, {
    findings: rows.map(
      ({ schema, name, privilege, statement }) =>
        `it may not ${privilege} rows of ${qualifiedName({ schema, name } as { schema: string; name: string })}: ${statement}`,
    ),
    remedy: 'Have the owner run those statements, or connect as the owner. Nothing was changed.',
  })
}
