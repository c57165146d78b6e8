import {
  AliasNode,
  IdentifierNode,
  type RawBuilder,
  SchemableIdentifierNode,
  SelectionNode,
  type SelectQueryNode,
  sql,
} from 'kysely'
import { sourceKey } from '../define/reference.ts'
import { compile } from '../sql/compile.ts'
import { columnNode, expressionOf, identifier, parseName, printName, tableNode } from '../sql/nodes.ts'
import { rewriter } from '../sql/tree.ts'
import { assignedColumns } from './assigned-rows.ts'
import { isResolved } from './decided.ts'
import { type ForeseenRows, foreseenRows, inlined, resolutionName, rowsName } from './foreseen.ts'
import { updatedColumns } from './images.ts'
import { isLate } from './late.ts'
import { type GuardPlan, ledgerSchema, ledgerTables } from './plan.ts'
import { drivingRelation, type MappingParts, rowNames } from './row.ts'
import { judge, lowest, verdict } from './rule-query.ts'
import { type IndexExpressions, knowsTargetKey, type Rule, rulesOf } from './rules.ts'
import { deferredColumns } from './settle.ts'
import { orphanQuery, type SourceReference } from './source-references.ts'
import { constantPlacer } from './transform.ts'
import { castType } from './type-name.ts'

/** What a run would do with the rows of a mapping, asked in one read-only statement (I5). */
export interface Foresight {
  readonly mapping: string
  readonly target: string
  /** The mappings that the statement foresees as well, because this one depends on them. */
  readonly ancestors: readonly string[]
  /** In the order of the statement's counts. */
  readonly guards: readonly GuardPlan[]
  /** Whether the mapping says what makes two rows the same thing: told after the guards. */
  readonly hasIdentity: boolean
  /** Told after that. */
  readonly rules: readonly Rule[]
  /** Told last: the rows that refer to no row of the parent's source. */
  readonly references: readonly Omit<SourceReference, 'key' | 'isKnown'>[]
  /**
   * Returns one row: `read`, the rows of the driving relation alone; `loaded`, `merged`, `matched`, `quarantined` and
   * `excluded` as counts of the rows of the pass over it, so that the sum can fail (I2); and `guards`: for each guard how
   * many rows it sets aside before any other guard, or of how many written rows it changes or notes something; then as
   * JSON what duplicates there are, for each rule the rows that break it, and for each reference those that lead nowhere.
   */
  readonly statement: string
  /** What the counts leave out, a sentence each. */
  readonly unforeseen: readonly string[]
  /** What of the target's rules is not looked at, a sentence each. */
  readonly notChecked: readonly string[]
}

/** Several mappings foreseen in one statement: rows as of {@link Foresight.statement}, with `position` from 0. */
export interface Pass {
  readonly subjects: readonly Foresight[]
  readonly statement: string
}

export interface ForeseeOptions {
  /** `probe`: the statement is made to be planned by the server alone, from the expressions of the run. Default check. */
  readonly form?: 'check' | 'probe'
  /** Whether constraints of the target are judged. Default true; a probe judges none. */
  readonly judgesConstraints?: boolean
  readonly expressions?: IndexExpressions
}

/**
 * Foresees the outcome of a mapping before anything is written. `ancestors` are the mappings that it depends on, directly
 * or not, parents first. What the run would store for its chunks to read (crosswalks, resolutions, queries, loaded
 * parents) is computed within the statement instead, by the same expressions.
 */
export function foresee(
  parts: MappingParts,
  ancestors: readonly MappingParts[],
  options: ForeseeOptions = {},
): Foresight {
  const { subjects, statement } = foreseeTogether([...ancestors, parts], [parts.mapping.name], options)
  return { ...subjects[0]!, statement }
}

/**
 * Foresees the mappings that `subjects` names. `all` holds them and what they depend on, parents first; each is computed
 * once. Of several subjects `statement` of each is that of the pass.
 */
export function foreseeTogether(
  all: readonly MappingParts[],
  subjects: readonly string[],
  options: ForeseeOptions = {},
): Pass {
  const { form = 'check', judgesConstraints = form === 'check', expressions = new Map() } = options
  const relations: RawBuilder<unknown>[] = []
  /** The relation that stands for each target so far. */
  const targets = new Map<string, string>()
  const asked: { readonly foresight: Omit<Foresight, 'statement'>; readonly summary: RawBuilder<unknown> }[] = []
  for (const [i, each] of all.entries()) {
    const own = judged(each)
    const target = printName(own.target)
    const before = targets.get(target)
    const foreseen = foreseenRows(own, form)
    const isSubject = subjects.includes(own.mapping.name)
    relations.push(...scoped(targets, foreseen.relations))
    // Of the last mapping nobody reads what others would.
    if (i < all.length - 1) relations.push(...scoped(targets, [crosswalkRelation(own)]))
    if (i < all.length - 1 || isSubject) relations.push(targetRelation(own, before))
    if (isSubject) {
      const { rules, notChecked } = judgesConstraints ? rulesOf(own, expressions) : { rules: [], notChecked: [] }
      const standing = before === undefined ? expressionOf(tableNode(own.target)) : id(before)
      const after = new Map([...targets, [target, targetName(own)]])
      const { relations: judging, verdicts } = judge(own, rules, sql`${standing}`, (name) => {
        const known = after.get(printName(parseName(name)))
        return known === undefined ? sql`${expressionOf(tableNode(parseName(name)))}` : id(known)
      })
      relations.push(countedRelation(own))
      if (rules.length > 0) relations.push(...judging)
      asked.push({
        foresight: {
          mapping: own.mapping.name,
          target: own.mapping.to,
          ancestors: all.slice(0, i).map(({ mapping }) => mapping.name),
          guards: [...foreseen.quarantines, ...foreseen.logs.map(guardOf)],
          hasIdentity: own.mapping.identity !== undefined,
          rules,
          references: foreseen.references.map(({ kind, parent, reads }) => ({ kind, parent, reads })),
          unforeseen: unforeseenOf(each),
          notChecked,
        },
        summary: summaryOf(own, foreseen, scoped(targets, [sql`${expressionOf(drivingRelation(own))}`])[0]!, [
          ...verdicts,
          ...foreseen.references.map((reference, position) => {
            const { count, keys } = orphanQuery(foreseen.name, position, parentKeysOf(own, reference))
            return verdict(count, lowest(keys))
          }),
        ]),
      })
    }
    targets.set(target, targetName(own))
  }
  const summaries = asked.map(({ summary }, i) =>
    asked.length === 1 ? summary : sql`${summary}, ${sql.lit(i)} as position`,
  )
  const statement = compile(
    sql`with ${sql.join(relations, sql.raw(',\n'))}
${sql.join(
  summaries.map((summary) => sql`select ${summary}`),
  sql`\nunion all\n`,
)}`.toOperationNode(),
  )
  return { subjects: asked.map(({ foresight }) => ({ ...foresight, statement })), statement }
}

/** The source keys of a parent that the rows did not know when they were made: the mapping itself, or one of a circle. */
function parentKeysOf(parts: MappingParts, { parent, isKnown }: SourceReference): RawBuilder<unknown> | undefined {
  if (isKnown) return undefined
  if (parent === parts.mapping.name) {
    return sql`select ${column('r', rowNames.key)} as source_key from ${id(rowsName(parts))} as r`
  }
  const { from, key } = parts.context.mappings.get(parent)!
  const place = constantPlacer(parts.context)
  const keys = expressionOf(place(sourceKey(key.map(expressionOf)).toOperationNode()))
  return sql`${expressionOf(place({ ...from, selections: [SelectionNode.create(AliasNode.create(keys.toOperationNode(), IdentifierNode.create('source_key')))] } as SelectQueryNode))}`
}

function guardOf({ ofDuplicates: _, ...guard }: ForeseenRows['logs'][number]): GuardPlan {
  return guard
}

function unforeseenOf(parts: MappingParts): readonly string[] {
  const { compute } = parts.mapping
  const deferred = deferredColumns(parts).map(({ name }) => name)
  return [
    ...(compute === undefined
      ? []
      : [`Its function in JavaScript is not called${compute.refusals.length > 0 ? ', and may refuse rows' : ''}.`]),
    ...(deferred.length === 0
      ? []
      : [`Whether ${deferred.join(', ')} can be filled after the load, and what becomes of rows where it cannot.`]),
  ]
}

/** The rows by what becomes of them, and which guards hold: few, however many rows there are. */
function countedRelation(parts: MappingParts): RawBuilder<unknown> {
  const rows = rowsName(parts)
  return sql`${id(countedName(parts))} as materialized (
  select ${column(rows, rowNames.disposition)} as disposition, ${column(rows, rowNames.reasons)}[1] as reason,
    ${column(rows, rowNames.logged)} as logged, count(*) as n
  from ${id(rows)}
  group by 1, 2, 3
)`
}

function summaryOf(
  parts: MappingParts,
  foreseen: ForeseenRows,
  driving: RawBuilder<unknown>,
  verdicts: readonly RawBuilder<unknown>[],
): RawBuilder<unknown> {
  const counted = id(countedName(parts))
  const sum = (where: RawBuilder<unknown>) => sql`(select coalesce(sum(n), 0)::bigint from ${counted} where ${where})`
  const counts = ['loaded', 'merged', 'matched', 'quarantined', 'excluded'].map(
    (each) => sql`${sum(sql`disposition = ${sql.lit(each)}`)} as ${id(each)}`,
  )
  const isWritten =
    updatedColumns(parts).length > 0 ? sql`disposition in ('loaded', 'matched')` : sql`disposition = 'loaded'`
  // A duplicate that is set aside after the load was logged as one before.
  const lost = foreseen.quarantines.findIndex(({ code }) => code === 'survivor-quarantined') + 1
  const isDuplicate =
    lost > 0
      ? sql`disposition = 'merged' or disposition = 'quarantined' and reason = ${sql.lit(lost)}`
      : sql`disposition = 'merged'`
  const told = [
    ...foreseen.quarantines.map((_, i) => sum(sql`disposition = 'quarantined' and reason = ${sql.lit(i + 1)}`)),
    ...foreseen.logs.map(({ ofDuplicates }, i) => {
      const isCounted = ofDuplicates ? sql`(${isWritten} or ${isDuplicate})` : isWritten
      return sum(sql`${isCounted} and ${sql.lit(i + 1)} = any (logged)`)
    }),
    ...(parts.mapping.identity === undefined ? [] : [duplicatesOf(parts)]),
    ...verdicts,
  ]
  return sql`(select count(*) from ${driving}) as read,
  ${sql.join(counts, sql.raw(',\n  '))},
  array[${sql.join(
    told.map((each) => sql`${each}::text`),
    sql.raw(',\n    '),
  )}]::text[] as guards`
}

/** The groups of rows that are the same thing by the mapping's identity, as JSON; the largest first, by their survivors. */
function duplicatesOf(parts: MappingParts): RawBuilder<unknown> {
  return sql`(
      select jsonb_build_object('groups', count(*)::text, 'extra', coalesce(sum(n), 0)::text, 'largest', coalesce(max(n) + 1, 0)::text,
        'keys', (array_agg(survivor_key order by n desc, survivor_key))[1:5])
      from (
        select survivor_key, count(*) as n
        from ${id(resolutionName(parts))}
        where source_key <> survivor_key
        group by survivor_key
      ) as extra
    )`
}

/**
 * What became of each source row, as others read it of a mapping once it is closed. A key stands there once, and the
 * planner is told so: it takes what it knows nothing of for 200 values, and a join to more rows than that for one that
 * multiplies them, the next one again.
 */
function crosswalkRelation(parts: MappingParts): RawBuilder<unknown> {
  const rows = rowsName(parts)
  const hasExisting = isResolved(parts.mapping) || parts.mapping.kind === 'evolve'
  const known = new Set(parts.targetColumns.map(({ name }) => name))
  const key = parts.targetKey.map(({ name, baseType }) => {
    const own = known.has(name) ? sql` when 'loaded' then ${column(rows, name)}` : sql``
    const existing = column(rows, `${rowNames.existing}${name}`)
    const other = hasExisting ? sql` when 'merged' then ${existing} when 'matched' then ${existing}` : sql``
    const value = sql`case ${column(rows, rowNames.disposition)}${own}${other} else null end`
    return sql`(${value})::${sql.raw(castType(baseType))} as ${id(name)}`
  })
  return sql`${id(ledgerTables.crosswalk(parts.mapping.name).name)} as materialized (
  select distinct on (${column(rows, rowNames.key)}) ${column(rows, rowNames.key)} as source_key, ${column(rows, rowNames.disposition)} as disposition,
    ${sql.join(key)}
  from ${id(rows)}
)`
}

/**
 * The rows of a target as they will be: those that stand there, or will by other mappings, and those of this one. A key
 * stands there once: a row that would be loaded takes the place of the one that has its key already, as after a run.
 */
function targetRelation(parts: MappingParts, before: string | undefined): RawBuilder<unknown> {
  const { target, mapping } = parts
  const rows = rowsName(parts)
  const standing = before === undefined ? expressionOf(tableNode(target)) : id(before)
  const updated = new Set(updatedColumns(parts).map(({ name }) => name))
  const kept = target.columns.map(({ name }) =>
    updated.has(name)
      ? sql`case when ${column('u', rowNames.key)} is null then ${column('t', name)} else ${column('u', name)} end as ${id(name)}`
      : column('t', name),
  )
  const isUpdated = parts.targetKey.map(
    ({ name }) => sql`${column('u', `${rowNames.existing}${name}`)} = ${column('t', name)}`,
  )
  const from =
    updated.size === 0
      ? sql`from ${standing} as t`
      : sql`from ${standing} as t
    left join ${id(rows)} as u on ${column('u', rowNames.disposition)} = 'matched' and ${sql.join(isUpdated, sql` and `)}`
  if (mapping.kind === 'evolve') return inlined(targetName(parts), sql`  select ${sql.join(kept)}\n  ${from}`)
  const generated = target.columns.filter((each) => each.generated !== null)
  const made = [
    ...assignedColumns(parts, rows),
    ...generated.map(({ name, baseType }) => sql`null::${sql.raw(castType(baseType))} as ${id(name)}`),
  ]
  const names = sql.join(target.columns.map(({ name }) => id(name)))
  const key = sql.join(parts.targetKey.map(({ name }) => id(name)))
  const isKnown = knowsTargetKey(parts)
  return sql`${id(targetName(parts))} as materialized (
  select ${isKnown ? sql`distinct on (${key}) ` : sql``}${names}
  from (
    select ${names}, false as _standing
    from (
      select ${sql.join(made)}
      from ${id(rows)}
      where ${column(rows, rowNames.disposition)} = 'loaded'
    ) as loaded
    union all
    select ${sql.join(kept)}, true
    ${from}
  ) as t${isKnown ? sql`\n  order by ${key}, _standing` : sql``}
)`
}

/** The mapping without what a function in JavaScript makes, which is not called to foresee. */
function judged(parts: MappingParts): MappingParts {
  const { mapping, targetColumns } = parts
  if (mapping.compute === undefined) return parts
  return {
    ...parts,
    mapping: { ...mapping, compute: undefined },
    targetColumns: targetColumns.filter(({ name }) => !isLate(mapping.columns[name], 'compute')),
  }
}

/** Tables of the ledger that hold what was decided before the run, and are read as they are. */
const decisions = new Set(['overlay', 'apart'])

/**
 * Relations of a mapping, reading from those of the statement where a run would read the ledger's tables and the targets
 * that were loaded before.
 */
function scoped(
  targets: ReadonlyMap<string, string>,
  relations: readonly RawBuilder<unknown>[],
): readonly RawBuilder<unknown>[] {
  const rewrite = rewriter((node) => {
    if (node.kind !== 'SchemableIdentifierNode') return node
    const { schema, identifier: name } = node as SchemableIdentifierNode
    if (schema === undefined) return node
    if (schema.name === ledgerSchema && !decisions.has(name.name)) return SchemableIdentifierNode.create(name.name)
    const foreseen = targets.get(printName({ schema: schema.name, name: name.name }))
    return foreseen === undefined ? node : SchemableIdentifierNode.create(foreseen)
  })
  return relations.map((relation) => sql`${expressionOf(rewrite(relation.toOperationNode()))}`)
}

function countedName({ mapping }: MappingParts): string {
  return `counted_${mapping.name}`
}

function targetName({ mapping }: MappingParts): string {
  return `target_after_${mapping.name}`
}

function column(alias: string, name: string) {
  return expressionOf(columnNode(alias, name))
}

function id(name: string): RawBuilder<unknown> {
  return sql`${expressionOf(identifier(name))}`
}
