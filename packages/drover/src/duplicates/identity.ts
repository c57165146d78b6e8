import { sql } from 'kysely'
import type { Queryable } from '../db/connection.ts'
import { compile } from '../sql/compile.ts'
import { columnOf } from '../sql/nodes.ts'
import type { AlikePairs } from './alike-pairs.ts'
import type { ComparedColumn } from './measure.ts'
import { exactText } from './statement.ts'
import { fromSubject, type Subject } from './subject.ts'
import type { SuggestedIdentity } from './suggestion.ts'

/** An identity is suggested where it merges so many of the pairs that were found, … */
const leastCovered = 0.8

/** … and of those that it would merge so many were found. */
const leastConfirmed = 0.95

/** The columns, fewest first, whose exact identity merges about the pairs that were found; null where none does. */
export async function suggestIdentity(
  tx: Queryable,
  subject: Subject,
  columns: readonly ComparedColumn[],
  { agreeing }: Pick<AlikePairs, 'agreeing'>,
): Promise<SuggestedIdentity | null> {
  const found = (set: number) => agreeing.reduce((sum, bits) => sum + ((bits & set) === set ? 1 : 0), 0)
  const sets = Array.from({ length: 2 ** columns.length - 1 }, (_, i) => i + 1)
    .map((set) => ({ set, agreed: found(set), members: columns.filter((_, i) => set & (2 ** i)) }))
    .filter(({ agreed }) => agreed > 0 && agreed >= leastCovered * agreeing.length)
    .sort((a, b) => a.members.length - b.members.length || b.agreed - a.agreed)
  for (const { agreed, members } of sets) {
    const merged = await countMerged(tx, subject, members)
    if (agreed < leastConfirmed * merged) continue
    return {
      columns: members.map(({ name }) => name),
      text: identityText(subject, members),
      covered: agreed / agreeing.length,
      confirmed: Math.min(1, agreed / merged),
    }
  }
  return null
}

/** The pairs of rows that an exact identity would merge. Null equals null, as in an identity. */
async function countMerged(tx: Queryable, subject: Subject, columns: readonly ComparedColumn[]): Promise<number> {
  const by = columns.map((column) => sql`(${exactText(column, columnOf(subject.alias, column.name))}) collate "C"`)
  const statement = sql`select coalesce(sum(n * (n - 1) / 2), 0)::float8 as pairs
from (
  select count(*) as n
  ${fromSubject(subject)}
  group by ${sql.join(by)}
) as same`
  const [row] = await tx.query(
    `/* drover duplicates ${subject.name} identity */\n${compile(statement.toOperationNode())}`,
  )
  return Number(row!.pairs)
}

function identityText({ alias }: Subject, columns: readonly ComparedColumn[]): string {
  const access = (name: string) => (/^[A-Za-z_$][\w$]*$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`)
  const terms = columns.map(({ name, form }) => `${form === 'email' ? 'lowerTrim' : 'fold'}(${alias}${access(name)})`)
  return `identity: ({ ${alias} }) => [${terms.join(', ')}],`
}
