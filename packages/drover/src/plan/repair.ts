import { sql } from 'kysely'
import { qualifiedName } from '../catalog/catalog.ts'
import { compile } from '../sql/compile.ts'
import { expressionOf, identifier, tableNode } from '../sql/nodes.ts'
import { againStatement } from './again.ts'
import { computeStatement } from './compute.ts'
import { dependentsPlans } from './dependents.ts'
import { followingColumns, followStatement } from './follow.ts'
import { imageVersion, ledgerTables } from './plan.ts'
import { readersStatement } from './readers.ts'
import { isNamed } from './repair-keys.ts'
import type { RepairStatements, WaitingKey } from './repair-plan.ts'
import { regroupStatement } from './resolve.ts'
import { restoreStatements } from './restore.ts'
import type { MappingParts } from './row.ts'

/** The SQL with which single rows of a loaded mapping are taken up again. */
export function repairStatements(parts: MappingParts): RepairStatements {
  const images = expressionOf(tableNode(ledgerTables.images(parts.mapping.name)))
  const target = expressionOf(tableNode(parts.target))
  const key = parts.targetKey.map(({ name }) => expressionOf(identifier(name)))
  return {
    dependents: dependentsPlans(parts),
    readers: readersStatement(parts),
    restore: restoreStatements(parts),
    regroup: regroupStatement(parts),
    compute: computeStatement(parts, (own) => isNamed(parts, 'try', own)),
    again: againStatement(parts),
    follow: followStatement(parts),
    createImages: compile(
      sql`create table if not exists ${images} (like ${target}, ${expressionOf(identifier(imageVersion))} bigint not null, primary key (${sql.join(key)}))`.toOperationNode(),
    ),
    waitingKeys: waitingKeys(parts),
  }
}

/**
 * Foreign keys of targets that refer to columns which may change: both sides change in one transaction, in two statements.
 * Rows of other tables do not follow, and the server refuses what they forbid.
 */
function waitingKeys(parts: MappingParts): readonly WaitingKey[] {
  const changing = new Set(followingColumns(parts).map(({ column }) => column.name))
  const own = qualifiedName(parts.target)
  const { catalog, overlay } = parts.context
  const targets = catalog.tables.filter((table) => overlay.targets.has(qualifiedName(table)))
  return targets.flatMap((table) =>
    table.constraints
      .filter(
        ({ kind, references, deferrable, inherited }) =>
          kind === 'foreign' &&
          !deferrable &&
          !inherited &&
          references !== undefined &&
          qualifiedName({ schema: references.schema, name: references.table }) === own &&
          references.columns.some((name) => changing.has(name)),
      )
      .map(({ name }) => {
        const alter = sql`alter table ${expressionOf(tableNode(table))} alter constraint ${expressionOf(identifier(name))}`
        const constraint = expressionOf(tableNode({ schema: table.schema, name }))
        return {
          wait: [sql`${alter} deferrable initially deferred`, sql`set constraints ${constraint} deferred`].map((each) =>
            compile(each.toOperationNode()),
          ),
          enforce: compile(sql`${alter} not deferrable`.toOperationNode()),
        }
      }),
  )
}
