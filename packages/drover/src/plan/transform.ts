import { type OperationNode, type RawNode, type ReferenceNode, sql } from 'kysely'
import type { Catalog } from '../catalog/catalog.ts'
import type { Table } from '../catalog/table.ts'
import type { MappingDefinition } from '../define/mapping.ts'
import type { FreezeMode } from '../define/migration.ts'
import { sourceKey } from '../define/reference.ts'
import { annotationOf, type Guard, wrapped } from '../sql/annotation.ts'
import { compile } from '../sql/compile.ts'
import { columnNode, expressionOf, identifier, tableNode, unmerged } from '../sql/nodes.ts'
import { marksOnce, rewriter, unannotated } from '../sql/tree.ts'
import { replaceConstant } from './constant.ts'
import type { OwnedGuard } from './guards.ts'
import { groupKey, groupValuesOf, type Phase, readsDeferred, readsRandom } from './late.ts'
import { readsOf } from './lineage.ts'
import type { OverlayContext } from './overlay.ts'
import { ledgerTables } from './plan.ts'
import { targetOf } from './reference-target.ts'
import { aliasesOf, textColumnsOf } from './source.ts'
import { castType } from './type-name.ts'

/** What the compile step knows besides the mapping itself. */
export interface TransformContext {
  readonly catalog: Catalog
  readonly cutover: string
  readonly freeze: FreezeMode
  /** How tables of the source are read through the fixes of their rows. */
  readonly overlay: OverlayContext
  /** The migration's mappings, by name. */
  readonly mappings: ReadonlyMap<string, MappingDefinition>
  /** The mappings that come before this one in the plan. */
  readonly earlier: ReadonlySet<string>
  /** The mappings that references of this one lead to in a circle: such columns are filled after the load. */
  readonly deferred: readonly string[]
  /** Receives a sentence for each thing that cannot be compiled. */
  readonly complain: (what: string) => void
}

/** A guard whose condition reads from the relations of the transform. */
export interface PlacedGuard {
  readonly column: string
  readonly code: string
  readonly outcome: Guard['outcome']
  readonly accepted: boolean
  readonly when: OperationNode
  readonly original: OperationNode | undefined
  readonly ofDuplicates: boolean
}

/** Something added to the row under a name of its own: a join, or values computed once. It reads from lower levels alone. */
export interface AddedRelation {
  /** From 1; on level 0 is what the author names. */
  readonly level: number
  readonly alias: string
  /** As it follows `from`. */
  readonly line: () => OperationNode
  /** What it computes; none where it is a join. */
  readonly values: readonly ComputedValue[] | undefined
}

/** A value that is computed once. */
export interface ComputedValue {
  readonly name: string
  readonly node: OperationNode
}

/**
 * Places expressions over a row. References and look-ups become left joins, values mentioned more than once become
 * columns of a lateral subquery; each stands after what it reads from.
 */
export function transformer(mapping: MappingDefinition, target: Table, context: TransformContext, phase: Phase) {
  /** The relations of the row, and after which of the added ones each can be read. */
  const levels = new Map(aliasesOf(mapping.from).map((alias) => [alias, 0]))
  const relations: AddedRelation[] = []
  const placed = new Map<string, OperationNode>()
  const computed = new Map<number, ComputedValue[]>()
  const groupValues = groupValuesOf(mapping.columns)
  const readFrom = new Map<OperationNode, ReadonlySet<string>>()
  let count = 0

  const texts = textColumnsOf(mapping.from, context.catalog)

  /** What costs nothing to mention again: a bare column or literal, and a text that is read as one. */
  const isCheap = (node: OperationNode): boolean => {
    if (isPlain(node)) return true
    const { sqlFragments, parameters } = node as Partial<RawNode>
    const isCast = parameters?.length === 1 && sqlFragments?.[0] === '(' && sqlFragments[1] === ')::text'
    return isCast && isPlain(parameters[0]!) && readsOf(parameters[0]).some((read) => texts.has(read))
  }

  /** The aliases of the relations that an expression reads from. */
  const aliasesIn = (node: OperationNode): ReadonlySet<string> => {
    const known = readFrom.get(node)
    if (known !== undefined) return known
    const aliases = new Set<string>()
    for (const mark of marksOnce(node)) {
      const table = mark.kind === 'ReferenceNode' ? (mark as ReferenceNode).table : undefined
      if (table !== undefined) aliases.add(table.table.identifier.name)
    }
    readFrom.set(node, aliases)
    return aliases
  }

  const levelOf = (node: OperationNode): number => {
    let level = 0
    for (const alias of aliasesIn(node)) level = Math.max(level, levels.get(alias) ?? 0)
    return level
  }

  /** Whether a value reads from the row alone: not from a subquery's own relations, nor from an existing target row. */
  const readsRow = (node: OperationNode): boolean => {
    for (const alias of aliasesIn(node)) if (!levels.has(alias)) return false
    return true
  }

  const requireRow = (node: OperationNode, what: string): void => {
    if (!readsRow(node)) context.complain(`${what} reads from a relation that is not in \`from\`; join that there.`)
  }

  /** Adds a join under a fresh alias, once for each text of `condition` and relation. */
  const join = (relation: OperationNode, reads: OperationNode, condition: (alias: string) => OperationNode): string => {
    const key = `join ${compile(relation)} ${compile(reads)}`
    const known = placed.get(key) as ReferenceNode | undefined
    if (known) return known.table!.table.identifier.name
    const alias = `ref_${++count}`
    const level = levelOf(reads) + 1
    levels.set(alias, level)
    relations.push({
      level,
      alias,
      values: undefined,
      line: () =>
        sql`left join ${expressionOf(relation)} as ${expressionOf(identifier(alias))} on ${expressionOf(condition(alias))}`.toOperationNode(),
    })
    placed.set(key, columnNode(alias, ''))
    return alias
  }

  const compute = (node: OperationNode): OperationNode => {
    const level = levelOf(node) + 1
    const alias = `step_${level}`
    const columns = computed.get(level)
    const name = `v${++count}`
    if (columns) columns.push({ name, node })
    else {
      const fresh = [{ name, node }]
      computed.set(level, fresh)
      levels.set(alias, level)
      // `unmerged` keeps the planner from merging the subquery into the query and computing its values again.
      relations.push({
        level,
        alias,
        values: fresh,
        line: () =>
          sql`cross join lateral (\n    select\n      ${sql.join(
            fresh.map((column) => sql`${expressionOf(column.node)} as ${expressionOf(identifier(column.name))}`),
            sql.raw(',\n      '),
          )}\n    ${unmerged}\n  ) as ${expressionOf(identifier(alias))}`.toOperationNode(),
      })
    }
    return columnNode(alias, name)
  }

  /** Once for each text. */
  const computeOnce = (node: OperationNode): OperationNode => {
    const key = `once ${compile(node)}`
    const known = placed.get(key)
    if (known) return known
    const column = compute(node)
    placed.set(key, column)
    return column
  }

  const replace = (node: OperationNode, authored: OperationNode): OperationNode => {
    const annotation = annotationOf(node)
    if (annotation === undefined) return node
    switch (annotation.kind) {
      case 'guarded':
      case 'document':
        return wrapped(node)
      case 'once':
        if (isCheap(wrapped(node))) return wrapped(node)
        return readsRow(wrapped(node))
          ? computeOnce(wrapped(node))
          : sql`(${expressionOf(wrapped(node))})`.toOperationNode()
      case 'reference': {
        const { target, key } = targetOf(annotation.mapping, context, 'crosswalk')
        if (!target) return node
        requireRow(annotation.key, 'ref()')
        const alias = join(tableNode(ledgerTables.crosswalk(annotation.mapping)), annotation.key, (as) =>
          sql`${expressionOf(columnNode(as, 'source_key'))} = ${expressionOf(annotation.key)} collate "C"`.toOperationNode(),
        )
        return columnNode(alias, annotation.part === 'target' ? key : annotation.part)
      }
      case 'lookup': {
        const { target, key } = targetOf(annotation.mapping, context, 'target')
        if (!target) return node
        requireRow(annotation.id, 'lookup()')
        const alias = join(tableNode(target), annotation.id, (as) =>
          sql`${expressionOf(columnNode(as, key))} = ${expressionOf(annotation.id)}`.toOperationNode(),
        )
        return columnNode(alias, annotation.column)
      }
      case 'filled':
      case 'collected':
      case 'superseded':
      case 'alike': {
        const known = groupValues.get(groupKey(authored)!)
        // Outside of `columns` there is none, nor where rows evolve: both are complained of.
        if (phase === 'resolve' || mapping.kind === 'evolve' || known === undefined) return wrapped(node)
        const value = columnNode('resolution', annotation.kind === 'superseded' ? known.leftOut : known.name)
        if (annotation.kind !== 'filled' && annotation.kind !== 'alike') return value
        return sql`coalesce(${expressionOf(value)}, ${expressionOf(wrapped(node))})`.toOperationNode()
      }
      case 'computed':
        if (phase === 'chunk') return columnNode('computed', annotation.column)
        context.complain(`the key, where, identity, survivor and match cannot read what compute makes.`)
        return node
      case 'random': {
        // A key that holds one is refused elsewhere; here it would be placed by way of itself.
        if (phase !== 'chunk' || readsRandom(mapping.key)) return wrapped(node)
        // It must read from the row: a subquery that does not is evaluated once for all rows.
        const own = computeOnce(place(sourceKey(mapping.key.map(expressionOf)).toOperationNode()))
        return compute(
          sql`case when ${expressionOf(own)} is not null then ${expressionOf(wrapped(node))} end`.toOperationNode(),
        )
      }
      case 'target': {
        const column = placeColumn(annotation.column)
        if (column !== undefined) return computeOnce(column)
        context.complain(`column ${annotation.column} is used in identity, survivor or match but is not mapped.`)
        return node
      }
      case 'existing':
        return columnNode('existing', annotation.column)
      default:
        return replaceConstant(node, annotation, context)
    }
  }
  const place = rewriter(replace, unannotated)
  const [driving] = aliasesOf(mapping.from)
  const secrets = new Set(mapping.secret.map((column) => `${driving}.${column}`))
  const readsSecret = (node: OperationNode) => secrets.size > 0 && readsOf(node).some((read) => secrets.has(read))

  /**
   * The value of a target column in the column's own type: an enum's order is not that of its words. Of a domain only
   * the type under it: the domain judges the rows that are loaded, not those that are set aside.
   */
  const placeColumn = (name: string): OperationNode | undefined => {
    const node = mapping.columns[name]
    const column = target.columns.find((candidate) => candidate.name === name)
    if (node === undefined || column === undefined) return undefined
    const type = sql.raw(castType(column.baseType))
    if (phase !== 'settle' && phase !== 'recompute' && readsDeferred(node, context.deferred))
      return sql`null::${type}`.toOperationNode()
    return sql`(${expressionOf(place(node))})::${type}`.toOperationNode()
  }

  return {
    place,
    placeColumn,
    /** As {@link place}; the value is computed once even if it is mentioned several times. */
    placeOnce: (node: OperationNode) => {
      const result = place(node)
      return isCheap(result) ? result : computeOnce(result)
    },
    /** Computes what is placed already once, and gives where it is read. */
    once: (placed: OperationNode) => (isCheap(placed) ? placed : computeOnce(placed)),
    placeGuard: ({ column, guard }: OwnedGuard): PlacedGuard => {
      const when = place(guard.when)
      requireRow(when, `the guard ${guard.code} of column ${column}`)
      const original = guard.original && !readsSecret(guard.original) ? place(guard.original) : undefined
      const { code, outcome, accepted = false, ofDuplicates = false } = guard
      return { column, code, outcome, accepted, when, original, ofDuplicates }
    },
    /** Joins a relation under a name of its own; it can be read by everything that is placed afterwards. */
    join: (alias: string, line: OperationNode, reads: OperationNode) => {
      const level = levelOf(reads) + 1
      levels.set(alias, level)
      relations.push({ level, alias, values: undefined, line: () => line })
    },
    /** What follows `from` and the author's joins, by level, complete once everything has been placed. */
    relations: (): readonly AddedRelation[] => relations.toSorted((a, b) => a.level - b.level),
  }
}

/** A bare column or literal, which costs nothing to mention again. */
function isPlain(node: OperationNode): boolean {
  if (node.kind === 'ReferenceNode' || node.kind === 'ValueNode') return true
  const { sqlFragments, parameters } = node as Partial<RawNode>
  return (
    parameters?.length === 1 && (sqlFragments?.every((fragment) => fragment === '') ?? false) && isPlain(parameters[0]!)
  )
}
