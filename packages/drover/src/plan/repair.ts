import { sql } from 'kysely'
import { capabilitiesOf } from '../catalog/capabilities.ts'
import { qualifiedName } from '../catalog/catalog.ts'
import type { Table } from '../catalog/table.ts'
import { compile } from '../sql/compile.ts'
import { expressionOf, identifier, tableNode } from '../sql/nodes.ts'
import { remembered } from '../sql/tree.ts'
import { againStatement } from './again.ts'
import { computeStatement } from './compute.ts'
import { dependentsPlans } from './dependents.ts'
import { followingColumns, followStatement } from './follow.ts'
import { holdTarget } from './images.ts'
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
  const follow = followStatement(parts)
  return {
    dependents: dependentsPlans(parts),
    readers: readersStatement(parts),
    restore: restoreStatements(parts),
    regroup: regroupStatement(parts),
    compute: computeStatement(parts, (own) => isNamed(parts, 'try', own)),
    again: againStatement(parts),
    follow,
    ...(follow !== null && !capabilitiesOf(parts.target).locksRows && { holdTarget: holdTarget(parts) }),
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
  const { catalog, overlay } = parts.context
  const keys = (firmKeys(catalog.tables).get(qualifiedName(parts.target)) ?? []).filter(({ table }) =>
    overlay.targets.has(qualifiedName(table)),
  )
  if (keys.length === 0) return []
  const changing = new Set(followingColumns(parts).map(({ column }) => column.name))
  return keys
    .filter(({ columns }) => columns.some((name) => changing.has(name)))
    .map(({ table, name }) => {
      const alter = sql`alter table ${expressionOf(tableNode(table))} alter constraint ${expressionOf(identifier(name))}`
      const constraint = expressionOf(tableNode({ schema: table.schema, name }))
      return {
        wait: [sql`${alter} deferrable initially deferred`, sql`set constraints ${constraint} deferred`].map((each) =>
          compile(each.toOperationNode()),
        ),
        enforce: compile(sql`${alter} not deferrable`.toOperationNode()),
      }
    })
}

/** A foreign key that does not wait, and the columns that it refers to. */
interface FirmKey {
  readonly table: Table
  readonly name: string
  readonly columns: readonly string[]
}

/** The foreign keys that do not wait, by the table that they refer to. */
const firmKeys = remembered((tables: readonly Table[]): ReadonlyMap<string, readonly FirmKey[]> => {
  const keys = new Map<string, FirmKey[]>()
  for (const table of tables) {
    for (const { kind, name, references, deferrable, inherited } of table.constraints) {
      if (kind !== 'foreign' || deferrable || inherited || references === undefined) continue
      const parent = qualifiedName({ schema: references.schema, name: references.table })
      const known = keys.get(parent) ?? []
      known.push({ table, name, columns: references.columns })
      keys.set(parent, known)
    }
  }
  return keys
})
