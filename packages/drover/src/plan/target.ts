import type { Column, Table } from '../catalog/table.ts'
import type { MappingDefinition } from '../define/mapping.ts'
import { imageVersion } from './plan.ts'
import { rowNames } from './row.ts'

/** Columns of the ledger's tables that stand beside the target's key. */
const besideKey = /^(source_key|disposition|survivor_key|is_(matched|torn|agreed)|(group|left_out)_\d+)$/

/** The columns of the target that a mapping fills. */
export interface TargetColumns {
  /** The primary key, in its order. */
  readonly targetKey: readonly Column[]
  /** In the target's order. */
  readonly targetColumns: readonly Column[]
}

/** Compares what a mapping gives with what its target takes; what does not fit is complained of, each a sentence. */
export function readTarget(
  mapping: MappingDefinition,
  target: Table,
  complain: (what: string) => void,
): TargetColumns | undefined {
  const isMapped = (name: string) => Object.hasOwn(mapping.columns, name)
  const known = new Map(target.columns.map((column) => [column.name, column]))
  for (const name of Object.keys(mapping.columns).filter((name) => !known.has(name))) {
    complain(`column ${name} does not exist in ${mapping.to}. Run drover types again.`)
  }
  for (const column of target.columns) complainOf(column, mapping, isMapped(column.name), complain)
  for (const name of mapping.match?.update ?? []) {
    if (!isMapped(name)) complain(`match updates column ${name}, which is not mapped.`)
    else if (target.primaryKey?.includes(name))
      complain(`match cannot update ${name}, which is part of the primary key.`)
  }
  const targetKey = (target.primaryKey ?? []).map((name) => known.get(name)!)
  if (mapping.kind === 'evolve') {
    for (const { name } of targetKey.filter(({ name }) => isMapped(name))) {
      complain(`column ${name} is part of the primary key, by which rows are found; it cannot evolve.`)
    }
    if (targetKey.length === 0) {
      complain(`${mapping.to} needs a primary key, by which its rows are found and kept.`)
      return undefined
    }
  } else if (targetKey.length === 0 || !targetKey.every(({ name }) => isMapped(name))) {
    complain(`${mapping.to} needs a primary key, and every column of it must be mapped.`)
    return undefined
  }
  for (const { name } of targetKey.filter(({ name }) => besideKey.test(name))) {
    complain(`the key column ${name} of ${mapping.to} has the name of a column of the ledger; rename it.`)
  }
  return { targetKey, targetColumns: target.columns.filter(({ name }) => isMapped(name)) }
}

function complainOf(
  column: Column,
  mapping: MappingDefinition,
  isMapped: boolean,
  complain: (what: string) => void,
): void {
  if (mapping.kind !== 'evolve' && !isMapped && column.notNull && column.default === null && column.identity === null) {
    complain(`column ${column.name} of ${mapping.to} may not be null and is not mapped.`)
  }
  if (isMapped && column.generated !== null) {
    complain(`column ${column.name} of ${mapping.to} is computed by the server; leave it out.`)
  }
  if (isMapped && column.identity === 'always' && isUpdated(column.name, mapping)) {
    complain(`column ${column.name} of ${mapping.to} is always numbered by the server, which lets no update set it.`)
  }
  // A before-image has all columns of the target.
  if ((isMapped && isOwnName(column.name)) || column.name === imageVersion) {
    complain(`column ${column.name} of ${mapping.to} has a name that drover uses itself; rename it.`)
  }
}

function isUpdated(column: string, { kind, match }: MappingDefinition): boolean {
  return kind === 'evolve' || match?.update.includes(column) === true
}

function isOwnName(name: string): boolean {
  const own: readonly string[] = [...Object.values(rowNames), '_survivor']
  return own.includes(name) || name.startsWith(rowNames.existing) || name.startsWith(rowNames.walked)
}
