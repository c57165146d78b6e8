import { type RawBuilder, sql } from 'kysely'
import type { Constraint, Index, Table } from '../catalog/table.ts'
import { compile } from '../sql/compile.ts'
import { expressionOf, identifier, tableNode } from '../sql/nodes.ts'
import type { RebuiltObject } from './rebuild-plan.ts'

/** What takes an index off and makes it again. */
export type IndexStatements = Pick<RebuiltObject, 'drop' | 'build' | 'attach' | 'restore'>

/** Takes an index, and the constraint that it serves, off and makes them again. */
export function indexStatements(table: Table, index: Index): IndexStatements {
  const name = expressionOf(tableNode({ schema: table.schema, name: index.name }))
  const owner = expressionOf(tableNode(table))
  const build = sql.raw(index.definition)
  const settings = settingsOf(table, index)
  const constraint = table.constraints.find((each) => each.name === index.constraint)
  if (constraint === undefined) {
    // What the server knows of an expression it learns by way of the index.
    const learn = index.columns.includes(null) ? [sql`analyze ${owner}`] : []
    return {
      drop: text(sql`drop index ${name}`),
      build: text(build),
      attach: [...settings, ...learn].map(text),
      restore: text(block([unless(sql`to_regclass(${literal(name)}) is not null`, build), ...settings.map(line)])),
    }
  }
  const attach = sql`alter table ${owner} add constraint ${id(constraint.name)} ${sql.raw(constraint.kind === 'primary' ? 'primary key' : 'unique')} using index ${id(index.name)}${timing(constraint)}`
  const said = [...comment(sql`constraint ${id(constraint.name)} on ${owner}`, constraint.comment), ...settings]
  const isThere = sql`exists (
    select from pg_constraint
    where conrelid = ${literal(owner)}::regclass and conname = ${sql.lit(constraint.name)}
  )`
  const isBuilt = sql`to_regclass(${literal(name)}) is not null`
  return {
    drop: text(sql`alter table ${owner} drop constraint ${id(constraint.name)}`),
    build: text(build),
    attach: [attach, ...said].map(text),
    restore: text(block([unless(isBuilt, build), unless(isThere, attach), ...said.map(line)])),
  }
}

/** What takes a foreign key off and makes it again. */
export type ForeignKeyStatements = Pick<RebuiltObject, 'drop' | 'build' | 'attach' | 'validate' | 'restore'>

/**
 * Takes a foreign key off and makes it again: first without a look at the rows, which locks the tables for a moment
 * only.
 */
export function foreignKeyStatements(table: Table, key: Constraint): ForeignKeyStatements {
  const owner = expressionOf(tableNode(table))
  const add = sql`alter table ${owner} add constraint ${id(key.name)} ${sql.raw(key.definition)}`
  const comments = comment(sql`constraint ${id(key.name)} on ${owner}`, key.comment)
  const isThere = sql`exists (
    select from pg_constraint
    where conrelid = ${literal(owner)}::regclass and conname = ${sql.lit(key.name)}
  )`
  const validate = sql`alter table ${owner} validate constraint ${id(key.name)}`
  return {
    drop: text(sql`alter table ${owner} drop constraint ${id(key.name)}`),
    build: text(key.validated ? sql`${add} not valid` : add),
    attach: comments.map(text),
    validate: key.validated ? text(validate) : null,
    // It may be there and not be valid yet; one that is valid is not looked at again.
    restore: text(block([unless(isThere, add), ...[...comments, ...(key.validated ? [validate] : [])].map(line)])),
  }
}

/** What stands beside the definition of an index, and is lost where it is made again without it. */
function settingsOf(table: Table, index: Index): readonly RawBuilder<unknown>[] {
  const name = expressionOf(tableNode({ schema: table.schema, name: index.name }))
  return [
    ...index.statisticsTargets.flatMap((target, i) =>
      target === null
        ? []
        : [sql`alter index ${name} alter column ${sql.lit(i + 1)} set statistics ${sql.lit(target)}`],
    ),
    ...(index.clustered ? [sql`alter table ${expressionOf(tableNode(table))} cluster on ${id(index.name)}`] : []),
    ...comment(sql`index ${name}`, index.comment),
  ]
}

function comment(object: RawBuilder<unknown>, words: string | null): readonly RawBuilder<unknown>[] {
  return words === null ? [] : [sql`comment on ${object} is ${sql.lit(words)}`]
}

function timing({ deferrable, initiallyDeferred }: Constraint): RawBuilder<unknown> {
  if (!deferrable) return sql``
  return initiallyDeferred ? sql` deferrable initially deferred` : sql` deferrable`
}

function unless(isThere: RawBuilder<unknown>, statement: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`  if not (${isThere}) then
    ${statement};
  end if;`
}

function line(statement: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`  ${statement};`
}

function block(parts: readonly RawBuilder<unknown>[]): RawBuilder<unknown> {
  return sql`do $restore$
begin
${sql.join([...parts], sql.raw('\n'))}
end
$restore$`
}

/** A name as a literal, to be looked up. */
function literal(name: { toOperationNode(): Parameters<typeof compile>[0] }): RawBuilder<unknown> {
  return sql`${sql.lit(compile(name.toOperationNode()))}`
}

function text(statement: RawBuilder<unknown>): string {
  return compile(statement.toOperationNode())
}

function id(name: string) {
  return expressionOf(identifier(name))
}
