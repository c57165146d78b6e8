import { type Expression, type OperationNode, type RawBuilder, sql } from 'kysely'
import type { Index } from '../catalog/table.ts'
import { sourceKey } from '../define/reference.ts'
import { readsOf } from '../plan/lineage.ts'
import type { MappingParts } from '../plan/row.ts'
import { annotate, annotationOf } from '../sql/annotation.ts'
import { compile } from '../sql/compile.ts'
import { expressionOf } from '../sql/nodes.ts'
import { walk } from '../sql/tree.ts'
import { placed, sharedByEqual } from './row-values.ts'

/** Rows whose outcomes hang together: a sample has all of them or none. */
export interface Grouping {
  /** What it is, for people: `the identity`, `values_natural_key`. */
  readonly name: string
  /** What its rows share, made of the driving row alone. Rows of several groups may share it as well. */
  readonly values: readonly OperationNode[]
  /** The same, and ahead of it the key of rows that are in no group. */
  readonly by: readonly OperationNode[]
  /** Whether {@link values} holds all that the rows of a group have in common. */
  readonly isFull: boolean
  /** Whether rows with a null count as in no group, although some may be in one. */
  readonly leavesNulls?: boolean
}

/** How rows of the driving table are drawn. */
export interface Draw {
  readonly mapping: string
  readonly alias: string
  /** An int8, evenly spread: rows that fall together have the same. */
  readonly unit: OperationNode
  /** The source key. */
  readonly key: OperationNode
  /** The groups that fall together by {@link unit}; null where each row falls by itself. */
  readonly grouping: Grouping | null
}

/** How a mapping's rows are drawn, and the groups that must be completed; a sentence where only the whole table will do. */
export type DrawDecision =
  | {
      readonly kind: 'draw'
      readonly draw: Draw
      readonly mates: readonly Grouping[]
      readonly limits: readonly string[]
    }
  | { readonly kind: 'whole'; readonly why: string }

/**
 * Decides how the rows of a mapping that reads from a table are drawn. `isCoarse`: its groups are known to be few and
 * large.
 */
export function drawOf(parts: MappingParts, isCoarse: boolean): DrawDecision {
  const { name } = parts.mapping
  const key = keyOf(parts)
  const identity = identityOf(parts)
  if (key === undefined || readsOf(key).length === 0) {
    return { kind: 'whole', why: `the key of ${name} is not of the row alone` }
  }
  if (identity !== undefined && (isCoarse || identity.values.length === 0)) {
    return { kind: 'whole', why: `the row alone does not tell which rows ${name} takes for the same` }
  }
  const rules = [...uniqueKeys(parts), ...lookAlikes(parts)]
  // What tells a group apart best comes first; what tells but a part of it still keeps the group together.
  const telling = rules.filter(({ values }) => values.length > 0 && !isCoarse)
  const grouping = identity ?? telling.find(({ isFull }) => isFull) ?? telling[0] ?? null
  // What is the same to a rule shares what it can be told by: little that tells it would bring half the table along.
  const completed = rules.filter(
    (rule) => !isCoarse && !rule.leavesNulls && (rule.isFull || (grouping !== null && holdsAll(rule, grouping))),
  )
  const unit = unitOf(grouping === null ? [key] : grouping.by)
  return {
    kind: 'draw',
    draw: { mapping: name, alias: parts.source.alias, unit, key, grouping },
    mates: distinct([...(identity ? [identity] : []), ...completed]),
    limits: rules
      .filter((rule) => !completed.includes(rule))
      .map((rule) => `Rows that are the same to ${rule.name} are only seen where the sample happens to hold several.`),
  }
}

function holdsAll(rule: Grouping, other: Grouping): boolean {
  const texts = rule.values.map((node) => compile(node))
  return other.values.every((node) => texts.includes(compile(node)))
}

/** A number evenly spread over the int8s, the same for equal values, nulls included, on every call. */
export function unitOf(values: readonly OperationNode[]): OperationNode {
  // The hash of a jsonb is that of the values in it: 1.0 and 1.00 have the same. No server refuses it, as some do md5.
  const list = sql`jsonb_build_array(${sql.join(values.map(expressionOf))})`
  return sql`hashint8extended(jsonb_hash_extended(${list}, 0), 0)`.toOperationNode()
}

/** Holds for about `fraction` of all units. */
export function isDrawn(unit: Expression<unknown>, fraction: number): RawBuilder<boolean> {
  const below = -(2n ** 63n) + (BigInt(Math.floor(fraction * 2 ** 53)) << 11n)
  return sql<boolean>`${unit} < ${sql.lit(String(below))}::int8`
}

function identityOf(parts: MappingParts): Grouping | undefined {
  const { identity } = parts.mapping
  if (identity === undefined) return undefined
  const when = identity.when && sharedByEqual(parts, identity.when)
  return groupingOf(parts, 'the identity', identity.by, () => when && sql`(${expressionOf(when)}) is not true`)
}

/** The unique keys of the target under which loaded rows can clash. */
function uniqueKeys(parts: MappingParts): readonly Grouping[] {
  if (parts.mapping.kind === 'evolve') return []
  const ofKey = readsOf(parts.mapping.key).join()
  return parts.target.indexes.flatMap((index: Index) => {
    const columns = index.columns.map((name) => (name === null ? undefined : targetColumn(parts, name)))
    if (!index.unique || !index.valid) return []
    // One that the server fills, or that is made of the key, is the row's own.
    const isOwn = index.columns.some((name, i) => name !== null && columns[i] === undefined)
    if (isOwn || (!columns.includes(undefined) && readsOf(columns).join() === ofKey)) return []
    const known = columns.filter((column) => column !== undefined)
    // Nulls are the same to few keys, and which rows a partial one looks at is not read.
    const nullsAreSame = index.nullsNotDistinct && index.predicate === null && known.length === columns.length
    const grouping = groupingOf(parts, index.constraint ?? index.name, known, (values) =>
      nullsAreSame ? undefined : sql`num_nulls(${sql.join(values.map(expressionOf))}) > 0`,
    )
    const isFull = grouping.isFull && known.length === columns.length
    return [{ ...grouping, isFull, leavesNulls: index.nullsNotDistinct && !(nullsAreSame && isFull) }]
  })
}

/** A column of the target as an identity mentions it. */
function targetColumn({ mapping }: MappingParts, column: string): OperationNode | undefined {
  const made = mapping.columns[column]
  return made && annotate(made, { kind: 'target', column })
}

/** The rows that `alike` compares. */
function lookAlikes(parts: MappingParts): readonly Grouping[] {
  const found = new Map<string, Grouping>()
  walk(parts.mapping.columns, (node) => {
    const annotation = annotationOf(node)
    if (annotation?.kind !== 'alike') return
    const text = annotation.by.map((each) => compile(each)).join()
    if (!found.has(text))
      found.set(
        text,
        groupingOf(parts, 'a look for others like it', annotation.by, () => undefined),
      )
  })
  return [...found.values()]
}

/** `isAlone`: holds for rows that are in no group, of the values that are known. */
function groupingOf(
  parts: MappingParts,
  name: string,
  by: readonly OperationNode[],
  isAlone: (known: readonly OperationNode[]) => Expression<unknown> | undefined,
): Grouping {
  const known = by.map((node) => sharedByEqual(parts, node)).filter((node) => node !== undefined)
  const key = keyOf(parts)
  const alone = known.length === 0 ? undefined : isAlone(known)
  const own = alone && key && sql`case when ${alone} then ${expressionOf(key)} end`.toOperationNode()
  return {
    name,
    values: known,
    by: [...(own ? [own] : []), ...known],
    isFull: known.length > 0 && known.length === by.length,
  }
}

function keyOf(parts: MappingParts): OperationNode | undefined {
  return placed(parts, sourceKey(parts.mapping.key.map(expressionOf)).toOperationNode())
}

function distinct(groupings: readonly Grouping[]): readonly Grouping[] {
  return [...new Map(groupings.map((each) => [each.by.map((node) => compile(node)).join(), each])).values()]
}
