type Query = (sql: string, values?: readonly unknown[]) => Promise<readonly Record<string, unknown>[]>

/** What is compared of a report in JSON. */
export interface ReportCounts {
  readonly run: { readonly id: string }
  readonly mappings: readonly ({ readonly name: string } & Readonly<Record<Disposition | 'sourceRows', string>>)[]
  readonly courses: readonly {
    readonly mapping: string
    readonly chunksDone: string
    readonly throughput: { readonly rows: readonly number[] } | null
    readonly strip: readonly { readonly rows: number }[]
  }[]
  readonly quarantine: readonly { readonly mapping: string; readonly code: string; readonly rows: string }[]
  readonly corrections: readonly ColumnCount[]
  readonly notes: readonly ColumnCount[]
  readonly merges: readonly { readonly mapping: string; readonly rows: string }[]
  readonly findings: readonly { readonly verdict: string }[]
  readonly rebuilds: readonly unknown[]
}

interface ColumnCount {
  readonly mapping: string
  readonly column: string
  readonly code: string
  readonly rows: string | null
}

const dispositions = ['loaded', 'merged', 'matched', 'quarantined', 'excluded'] as const
type Disposition = (typeof dispositions)[number]

/** Every number of a report that the ledger does not hold in the same way, a sentence each; counted by plain SQL. */
export async function compareReport(query: Query, report: ReportCounts): Promise<readonly string[]> {
  const told = toldBy(report)
  const held = await heldBy(query, report)
  return [...new Set([...told.keys(), ...held.keys()])].flatMap((what) => {
    const [own, other] = [told.get(what) ?? 'nothing', held.get(what) ?? 'nothing']
    return own === other ? [] : [`${what}: the report says ${own}, the ledger ${other}`]
  })
}

function toldBy(report: ReportCounts): ReadonlyMap<string, string> {
  const sum = (numbers: readonly number[]) => String(numbers.reduce((all, number) => all + number, 0))
  return new Map([
    ...report.mappings.flatMap((mapping) => [
      [`${mapping.name} read`, mapping.sourceRows] as const,
      ...dispositions.map((name) => [`${mapping.name} ${name}`, mapping[name]] as const),
    ]),
    ...report.courses.flatMap(({ mapping, chunksDone, throughput, strip }) => [
      [`${mapping} chunks done`, chunksDone] as const,
      [`${mapping} throughput`, sum(throughput?.rows ?? [])] as const,
      [`${mapping} strip`, sum(strip.map(({ rows }) => rows))] as const,
    ]),
    ...report.quarantine.map(({ mapping, code, rows }) => [`${mapping} quarantine ${code}`, rows] as const),
    ...report.merges.map(({ mapping, rows }) => [`${mapping} merges`, rows] as const),
    ...(['corrections', 'notes'] as const).flatMap((list) =>
      report[list].map(
        ({ mapping, column, code, rows }) => [`${mapping} ${list} ${column} ${code}`, rows ?? 'of all rows'] as const,
      ),
    ),
    ...[...Map.groupBy(report.findings, ({ verdict }) => verdict)].map(
      ([verdict, findings]) => [`findings ${verdict}`, String(findings.length)] as const,
    ),
    ['rebuilds', String(report.rebuilds.length)],
  ])
}

async function heldBy(query: Query, { run, mappings }: ReportCounts): Promise<ReadonlyMap<string, string>> {
  // Names of mappings are identifiers in this migration: no quoting is needed. The crosswalk holds every source row once.
  const crosswalks = mappings.flatMap(({ name }) => [
    `select '${name} read' as what, count(*)::text as n from drover.crosswalk_${name}`,
    ...dispositions.map(
      (disposition) =>
        `select '${name} ${disposition}', count(*) filter (where disposition = '${disposition}')::text from drover.crosswalk_${name}`,
    ),
  ])
  const rows = await query(
    `${crosswalks.join('\nunion all\n')}
union all
select mapping || ' chunks done', count(*)::text from drover.chunk
where run_id = $1 and kind = 'range' and state = 'done' group by mapping
union all
select mapping || ' ' || part, sum(read)::text from drover.chunk, (values ('throughput'), ('strip')) as of (part)
where run_id = $1 and kind = 'range' and state = 'done' group by mapping, part
union all
select mapping || ' quarantine ' || code, count(*)::text from drover.quarantine where run_id = $1 group by mapping, code
union all
select mapping || ' merges', count(*)::text from drover.merge where run_id = $1 group by mapping
union all
select mapping || ' corrections ' || column_name || ' ' || code, case when count(source_key) = 0 then 'of all rows' else count(*)::text end
from drover.correction where run_id = $1 group by mapping, column_name, code
union all
select mapping || ' notes ' || column_name || ' ' || code, case when count(source_key) = 0 then 'of all rows' else count(*)::text end
from drover.note where run_id = $1 group by mapping, column_name, code
union all
select 'findings ' || verdict, count(*)::text from drover.finding where run_id = $1 and verdict <> 'not run' group by verdict
union all
select 'rebuilds', count(*)::text from drover.rebuild where run_id = $1`,
    [run.id],
  )
  return new Map(rows.map(({ what, n }) => [what as string, n as string]))
}
