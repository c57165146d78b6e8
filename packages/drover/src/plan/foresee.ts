import { type RawBuilder, SchemableIdentifierNode, sql } from 'kysely'
import { compile } from '../sql/compile.ts'
import { expressionOf, identifier, parseName, printName, tableNode } from '../sql/nodes.ts'
import { remembered, rewriter } from '../sql/tree.ts'
import { crosswalkRelation, emptyCrosswalk, targetName, targetRelation } from './foresee-closed.ts'
import { countedRelation, summaryOf } from './foresee-summary.ts'
import { type ForeseenRows, foreseenRows } from './foreseen.ts'
import { isLate } from './late.ts'
import { type GuardPlan, ledgerSchema } from './plan.ts'
import { drivingRelation, type MappingParts } from './row.ts'
import { judge, lowest, verdict } from './rule-query.ts'
import { type IndexExpressions, type Rule, rulesOf } from './rules.ts'
import { deferredColumns } from './settle.ts'
import { orphanQuery, parentKeysOf, type SourceReference } from './source-references.ts'

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
  /** The same without the rules of the target: SQL of its constraints may raise an error. */
  readonly withoutRules: () => Pass
}

/** What the statement is made for. */
export interface ForeseeOptions {
  /**
   * `probe`: the statement is made to be planned by the server alone, from the expressions of the run. What it reads of
   * other mappings, which are probed by themselves, has the columns and no rows. Default check.
   */
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
    const isSubject = subjects.includes(each.mapping.name)
    if (!isSubject && form === 'probe') {
      relations.push(emptyCrosswalk(each))
      continue
    }
    const own = judged(each)
    const target = printName(own.target)
    const before = targets.get(target)
    if (!isSubject) relations.push(...ancestorRelations(each, targets))
    else {
      const foreseen = foreseenRows(own, form)
      relations.push(...scoped(targets, foreseen.relations))
      // Of the last mapping nobody reads what others would.
      if (i < all.length - 1) relations.push(...scoped(targets, [crosswalkRelation(own)]))
      relations.push(targetRelation(own, before))
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
            const { count, keys } = orphanQuery(foreseen.name, position, parentKeysOf(own, foreseen.name, reference))
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
  return {
    subjects: asked.map(({ foresight }) => ({ ...foresight, statement })),
    statement,
    withoutRules: () => foreseeTogether(all, subjects, { ...options, judgesConstraints: false }),
  }
}

/**
 * What stands in a statement for a mapping that its subjects depend on: printed once for all statements, as a table that
 * many refer to stands in all of theirs.
 */
function ancestorRelations(parts: MappingParts, targets: ReadonlyMap<string, string>): readonly RawBuilder<unknown>[] {
  const known = printedAncestors(parts)
  const scope = JSON.stringify([...targets])
  const texts = known.get(scope) ?? printAncestor(parts, targets)
  known.set(scope, texts)
  return texts.map((text) => sql.raw(text))
}

/** By what the mapping is read from: the tables that were loaded before it. */
const printedAncestors = remembered((_: MappingParts) => new Map<string, readonly string[]>())

function printAncestor(parts: MappingParts, targets: ReadonlyMap<string, string>): readonly string[] {
  const own = judged(parts)
  const relations = [
    ...scoped(targets, [...foreseenRows(own).relations, crosswalkRelation(own)]),
    targetRelation(own, targets.get(printName(own.target))),
  ]
  return relations.map((relation) => compile(relation.toOperationNode()))
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

/** The mapping without what a function in JavaScript makes, which is not called to foresee. */
export function judged(parts: MappingParts): MappingParts {
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
export function scoped(
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

function id(name: string): RawBuilder<unknown> {
  return sql`${expressionOf(identifier(name))}`
}
