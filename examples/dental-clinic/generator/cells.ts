import { fromPlain, type Micros, readUnderPolicy, toPlain } from './amounts.ts'
import { dateDefinitions } from './metric-definitions.ts'
import type { Query } from './query.ts'
import { work } from './sql-text.ts'

/** What the values of one definition, clinic and month come to. */
export interface Cell {
  readonly n: number
  readonly sum: string
  readonly min: string
  readonly max: string
}

/** Records of records, by the legacy ids of what survives; months are written `2024-05`, amounts as plain numbers. */
export interface Cells {
  /** Clinic → definition → month: all numbers that the target must hold. */
  readonly byDefinition: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, Cell>>>>>>
  /** Provider (a clone: `clone:<clinic>:<name>:<type>`) → month: production. */
  readonly byProvider: Readonly<Record<string, Readonly<Record<string, string>>>>
  /** Clinic → definition: on how many days there is a value. */
  readonly reportingDays: Readonly<Record<string, Readonly<Record<string, number>>>>
}

/** Names for the columns of a relation `placed`. */
const named = (columns: string, relation: string) => `
  select owner.id as clinic, definition.id as definition, ${columns}
  from ${relation} as placed
  join ${work}.clinics as owner on owner.number = placed.clinic
  join ${work}.definitions as definition on definition.number = placed.definition`

/** Rows without a defect hold plain numbers. */
const cleanCells = named(
  `provider, to_char(month, 'YYYY-MM') as month, shape = 'production' as is_production, n, sum, min, max`,
  `(
    select clinic, definition, provider, date_trunc('month', day) as month, count(*)::int as n,
      sum(text::numeric)::text as sum, min(text::numeric)::text as min, max(text::numeric)::text as max
    from ${work}.placed
    where not is_special and definition not in (${dateDefinitions.join(', ')})
    group by clinic, definition, provider, date_trunc('month', day)
  )`,
)

const specialCells = `${named(
  `placed.id, provider, to_char(day, 'YYYY-MM') as month, shape = 'production' as is_production, text, placed.number_locale`,
  `${work}.placed`,
)}
  where is_special and data_type <> 'date'`

const reportingDays = named(
  'days',
  `(select clinic, definition, count(distinct day)::int as days from ${work}.placed group by clinic, definition)`,
)

interface Sums {
  n: number
  sum: Micros
  min: Micros
  max: Micros
}

export async function readCells(query: Query): Promise<Cells> {
  const cells = new Map<string, Sums>()
  const production = new Map<string, Micros>()
  const add = (row: Readonly<Record<string, unknown>>, sums: Sums) => {
    const key = [row.clinic, row.definition, row.month].join('\n')
    const cell = cells.get(key)
    cells.set(key, cell === undefined ? sums : together(cell, sums))
    if (row.is_production && row.provider !== null) {
      const month = [row.provider, row.month].join('\n')
      production.set(month, (production.get(month) ?? 0n) + sums.sum)
    }
  }
  for (const row of await query(cleanCells)) {
    const [sum, min, max] = [row.sum, row.min, row.max].map((amount) => fromPlain(String(amount)))
    add(row, { n: Number(row.n), sum: sum!, min: min!, max: max! })
  }
  for (const row of await query(specialCells)) {
    const amount = readUnderPolicy(String(row.text), row.number_locale === null ? null : row.number_locale === 'eu')
    if (amount === undefined) throw new Error(`metric value ${String(row.id)} is to be loaded but has no number`)
    add(row, { n: 1, sum: amount, min: amount, max: amount })
  }
  return {
    byDefinition: nested([...cells].map(([key, cell]) => [key, toCell(cell)])) as Cells['byDefinition'],
    byProvider: nested([...production].map(([key, sum]) => [key, toPlain(sum)])) as Cells['byProvider'],
    reportingDays: nested(
      (await query(reportingDays)).map((row) => [[row.clinic, row.definition].join('\n'), Number(row.days)]),
    ) as Cells['reportingDays'],
  }
}

function together(one: Sums, other: Sums): Sums {
  return {
    n: one.n + other.n,
    sum: one.sum + other.sum,
    min: one.min < other.min ? one.min : other.min,
    max: one.max > other.max ? one.max : other.max,
  }
}

function toCell({ n, sum, min, max }: Sums): Cell {
  return { n, sum: toPlain(sum), min: toPlain(min), max: toPlain(max) }
}

/** Keys of several lines as records of records, in the order of their bytes. */
function nested(entries: readonly (readonly [string, unknown])[]): Record<string, unknown> {
  const root: Record<string, unknown> = {}
  for (const [key, value] of entries.toSorted(([left], [right]) => (left < right ? -1 : Number(left > right)))) {
    const path = key.split('\n')
    const leaf = path.pop()!
    const record = path.reduce((parent, part) => {
      if (!(part in parent)) parent[part] = {}
      return parent[part] as Record<string, unknown>
    }, root)
    record[leaf] = value
  }
  return root
}
