import type { Disposition } from '../plan/disposition.ts'
import type { Outcome } from '../sql/annotation.ts'
import { poissonRange, type Range } from './count-range.ts'
import type { RehearsedMapping, RehearsedRun, RelationSize } from './rehearsed-run.ts'
import type { MappingSample, Sample } from './sample.ts'

/** What a run over all rows is expected to do and to take, as a JSON value. Counts and figures, no keys and no values. */
export interface Forecast {
  readonly version: 1
  /** The plan that was rehearsed. */
  readonly planHash: string
  readonly tables: readonly {
    readonly table: string
    readonly rows: number
    readonly taken: number
    readonly why: string | null
  }[]
  /** In the plan's order. */
  readonly mappings: readonly MappingForecast[]
  /** How long the run takes. */
  readonly seconds: Range
  /** What it adds to the targets, and to the ledger. */
  readonly targetBytes: Range
  readonly ledgerBytes: Range
  /** Null where the rehearsal did not measure it. */
  readonly walBytes: Range | null
  /** What the figures rest on, a sentence each. */
  readonly restsOn: readonly string[]
}

/** What a rehearsal lets one expect of a mapping. */
export interface MappingForecast {
  readonly mapping: string
  /** As of {@link MappingSample}. */
  readonly basis: MappingSample['basis']
  /** Rows of its source; null where only a run can tell. */
  readonly rows: number | null
  /** By which its counts are scaled. */
  readonly fraction: number
  readonly dispositions: readonly CountForecast<Disposition>[]
  readonly codes: readonly CodeForecast[]
  readonly seconds: Range
  /** What the sample does not show, a sentence each. */
  readonly limits: readonly string[]
}

/** A count of all rows, at 99.9 %; of a table that is taken whole, the count itself. */
export interface CountForecast<What extends string = string> extends Range {
  readonly what: What
  /** Rows of the sample that stand for others. */
  readonly seen: number
  /** Null where rows are made of others in a way that does not grow with them: the range is all that can be told. */
  readonly estimate: number | null
}

/** How many rows a code is going to concern, as a range. */
export interface CodeForecast extends CountForecast {
  readonly outcome: Outcome
  /** Null for a quarantine. */
  readonly column: string | null
}

/** Concludes from what a run did with a sample to what it does with all rows. Pure. */
export function forecast(sample: Sample, run: RehearsedRun): Forecast {
  const mappings = run.mappings.map((rehearsed) => {
    const own = sample.mappings.find(({ mapping }) => mapping === rehearsed.mapping)!
    return { rehearsed, own, forecast: forecastMapping(rehearsed, own) }
  })
  const forecasts = mappings.map((each) => each.forecast)
  const targetBytes = sum(run.targets.map((target) => growth(target, loadedInto(target.name, mappings))))
  const ledgerBytes = sum([
    ...mappings.map(({ rehearsed, own }) =>
      scaled(Number(rehearsed.ledgerBytes), rowsOf(rehearsed, own), Number(rehearsed.read)),
    ),
    ...run.ledger.map((table) => growth(table, loggedIn(table.name, forecasts))),
  ])
  return {
    version: 1,
    planHash: run.planHash,
    tables: sample.tables.map(({ table, rows, taken, why }) => ({
      table,
      rows: Number(rows),
      taken: Number(taken),
      why,
    })),
    mappings: forecasts,
    seconds: secondsOf(run, forecasts),
    targetBytes,
    ledgerBytes,
    walBytes: walOf(run, sum([targetBytes, ledgerBytes])),
    restsOn,
  }
}

const restsOn = [
  'Counts are drawn by a hash of what makes rows the same, and scaled by the share that was drawn; 999 of 1,000 such ranges hold the count.',
  'Times are the scratch server’s, with nobody else at work: at least what the chunks take if all workers are busy, at most all the time that the rehearsal took, scaled by rows.',
  'Sizes are those of the rehearsal’s rows with their indexes: at least without the pages that every index begins with.',
  'Write-ahead log is scaled by the sizes; it is more where checkpoints are frequent.',
]

function forecastMapping(rehearsed: RehearsedMapping, own: MappingSample): MappingForecast {
  const rows = rowsOf(rehearsed, own)
  const count = (seen: bigint, spread: number) => countOf(Number(seen), spread, own, rehearsed)
  return {
    mapping: own.mapping,
    basis: own.basis,
    rows: own.rows === null ? null : Number(own.rows),
    fraction: own.fraction,
    dispositions: rehearsed.dispositions.map(({ what, rows: seen, spread }) => ({ what, ...count(seen, spread) })),
    codes: rehearsed.codes.map(({ what, outcome, column, rows: seen, spread }) => ({
      what,
      outcome,
      column,
      ...count(seen, spread),
    })),
    seconds: {
      least: scaled(rehearsed.chunkSeconds, rows, Number(rehearsed.read)).least,
      most: scaled(rehearsed.seconds, rows, Number(rehearsed.read)).most,
    },
    limits: own.limits,
  }
}

function countOf(seen: number, spread: number, own: MappingSample, { dispositions }: RehearsedMapping) {
  if (own.basis === 'whole') return { seen, estimate: seen, least: seen, most: seen }
  const range = poissonRange(seen, spread)
  const most = Math.ceil(range.most / own.fraction)
  // A row that is made of many is in the sample more often than any one of them: no scale fits all.
  if (own.basis === 'derived') return { seen, estimate: null, least: seen, most }
  const drawn = dispositions.reduce((all, { rows }) => all + Number(rows), 0)
  return {
    seen,
    estimate: Math.round(seen / own.fraction),
    least: Math.max(seen, Math.floor(range.least / own.fraction)),
    most: Math.min(most, Number(own.rows) - (drawn - seen)),
  }
}

/** How many rows the mapping will read. */
function rowsOf(rehearsed: RehearsedMapping, own: MappingSample): Range {
  const read = Number(rehearsed.read)
  if (own.basis === 'drawn') return { least: Number(own.rows), most: Number(own.rows) }
  if (own.basis === 'whole') return { least: read, most: read }
  return { least: read, most: poissonRange(read).most / own.fraction }
}

/** What `of` rows took, for others. */
function scaled(amount: number, rows: Range, of: number): Range {
  if (of === 0) return { least: amount, most: amount }
  return { least: (amount * rows.least) / of, most: (amount * rows.most) / of }
}

function growth({ rows, bytes, emptyBytes }: RelationSize, added: Range): Range {
  if (rows === 0n) return { least: 0, most: 0 }
  const filled = Math.max(0, Number(bytes) - Number(emptyBytes))
  return { least: scaled(filled, added, Number(rows)).least, most: scaled(Number(bytes), added, Number(rows)).most }
}

function loadedInto(
  target: string,
  mappings: readonly { readonly rehearsed: RehearsedMapping; readonly forecast: MappingForecast }[],
): Range {
  return sum(
    mappings
      .filter(({ rehearsed }) => rehearsed.target === target)
      .flatMap(({ forecast: { dispositions } }) => dispositions.filter(({ what }) => what === 'loaded')),
  )
}

/** The rows that a table of the ledger will hold. */
function loggedIn(table: string, mappings: readonly MappingForecast[]): Range {
  const outcome = { 'drover.quarantine': 'quarantine', 'drover.correction': 'correct', 'drover.note': 'note' }[table]
  return sum(
    mappings.flatMap(({ codes, dispositions }): readonly CountForecast[] =>
      outcome === undefined
        ? dispositions.filter(({ what }) => what === 'merged')
        : // What was not seen may come up, but not all of it.
          codes.filter((code) => code.outcome === outcome && code.seen > 0),
    ),
  )
}

function secondsOf(run: RehearsedRun, mappings: readonly MappingForecast[]): Range {
  const all = sum(mappings.map(({ seconds }) => seconds))
  const rehearsed = run.mappings.reduce((seconds, mapping) => seconds + mapping.seconds, 0)
  return {
    least: all.least / Math.max(1, run.workers),
    // Mappings that ran side by side will do so again.
    most: rehearsed === 0 ? run.seconds : (all.most * run.seconds) / rehearsed,
  }
}

function walOf(run: RehearsedRun, bytes: Range): Range | null {
  if (run.walBytes === null) return null
  const written =
    run.mappings.reduce((all, { ledgerBytes }) => all + Number(ledgerBytes), 0) +
    [...run.targets, ...run.ledger].reduce((all, table) => all + Number(table.bytes), 0)
  return scaled(Number(run.walBytes), bytes, written)
}

function sum(ranges: readonly Range[]): Range {
  return {
    least: ranges.reduce((all, { least }) => all + least, 0),
    most: ranges.reduce((all, { most }) => all + most, 0),
  }
}
