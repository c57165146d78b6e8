import { type Disposition, dispositions } from '../plan/disposition.ts'
import { chainOf } from './chain.ts'
import { renderCount, renderRows } from './figures.ts'
import type { Report, ReportMapping } from './report.ts'
import { sealOf } from './seal.ts'
import { type ChunkSegment, digestOfOne, linesOf } from './segments.ts'

/** One thing that a report was checked for. */
export interface ReportCheck {
  readonly name: string
  /** A sentence: what is so where nothing differs. */
  readonly agreement: string
  /** A sentence each; none where all is as it should be. */
  readonly differences: readonly string[]
}

/** What a check of a report reads of it. */
export type CheckableReport = Pick<Report, 'verdict' | 'run' | 'mappings' | 'quarantine' | 'evidence'>

/**
 * Recomputes what a report says of itself: its seal, the chain over its chunks, and every sum that follows from another.
 * `seal`: in hexadecimal, as it was kept elsewhere. Pure.
 */
export function checkReport(report: CheckableReport, seal?: string): readonly ReportCheck[] {
  return [checkSeal(report), ...(seal === undefined ? [] : [checkGivenSeal(report, seal)]), ...checkSums(report)]
}

function checkSeal(report: CheckableReport): ReportCheck {
  return {
    name: 'seal',
    agreement: 'Nothing in the file differs from what was sealed.',
    // All that the file holds is sealed, not only what is known here.
    differences:
      sealOf(report as Report) === report.evidence.seal
        ? []
        : ['The file, or its seal, is not what it was when it was sealed.'],
  }
}

function checkGivenSeal({ evidence }: CheckableReport, seal: string): ReportCheck {
  return {
    name: 'given seal',
    agreement: 'The seal is the one that was given.',
    differences: evidence.seal === seal ? [] : [`The seal is sha256:${evidence.seal}, and not the one that was given.`],
  }
}

function checkSums(report: CheckableReport): readonly ReportCheck[] {
  const { run, mappings, evidence } = report
  const { segments } = evidence
  const own = new Map(mappings.map(({ name }): [string, ChunkSegment[]] => [name, []]))
  for (const segment of segments) own.get(segment.mapping)?.push(segment)
  return [
    {
      name: 'chain',
      agreement: `It is the chain over ${renderRows(BigInt(segments.length), 'segment')} of chunks, in their order.`,
      differences:
        chainOf(run, segments) === evidence.chain
          ? []
          : ['It is not the chain over the run and the segments of the file.'],
    },
    {
      name: 'segments',
      agreement: 'They stand in the order of the mappings and of the chunks, and none is there twice.',
      differences: disorderOf(mappings, segments),
    },
    {
      name: 'digests',
      agreement: agreementOfDigests(segments),
      differences: segments.flatMap((segment) => {
        const digest = digestOfOne(segment)
        return digest === null || digest === segment.digest ? [] : [`That of ${nameOf(segment)} is of other figures.`]
      }),
    },
    {
      name: 'mappings',
      agreement: `${renderRows(BigInt(mappings.length), 'mapping')}: each is the sum of its chunks.`,
      differences: mappings.flatMap((mapping) => differencesOf(mapping, own.get(mapping.name)!)),
    },
    {
      name: 'quarantine',
      agreement: 'The rows of all causes are the quarantined rows of their mappings.',
      differences: quarantineDifferences(report),
    },
    {
      name: 'verdict',
      agreement: 'Its counts are the sums over the mappings.',
      differences: verdictDifferences(report),
    },
  ]
}

function agreementOfDigests(segments: readonly ChunkSegment[]): string {
  const alone = segments.filter((segment) => linesOf(segment) === 1n).length
  const others = segments.length - alone
  return others === 0
    ? 'Each is of the figures of its chunk.'
    : `${renderCount(alone)} are of the figures of their chunk; the ledger alone tells those of ${renderCount(others)} segments of several.`
}

/** Segments that are of no mapping of the report, or do not come after the one before them. */
function disorderOf(mappings: readonly ReportMapping[], segments: readonly ChunkSegment[]): readonly string[] {
  const places = new Map(mappings.map(({ name }, place) => [name, place]))
  return segments.flatMap((segment, i) => {
    const place = places.get(segment.mapping)
    if (place === undefined) return [`${nameOf(segment)}: the report has no such mapping.`]
    if (BigInt(segment.first) > BigInt(segment.last)) return [`${nameOf(segment)}: it ends before it begins.`]
    const before = segments[i - 1]
    const placeBefore = before === undefined ? -1 : (places.get(before.mapping) ?? -1)
    if (place > placeBefore || (place === placeBefore && BigInt(segment.first) > BigInt(before!.last))) return []
    return [`${nameOf(segment)} stands after ${nameOf(before!)}.`]
  })
}

/** Where the figures of a mapping are not those of its segments, or do not follow from each other. */
function differencesOf(mapping: ReportMapping, segments: readonly ChunkSegment[]): readonly string[] {
  const sum = (name: keyof ChunkSegment) => segments.reduce((all, segment) => all + BigInt(segment[name] ?? 0), 0n)
  const differences = [...dispositions, 'chunks' as const, 'chunksDone' as const].flatMap((name) =>
    sum(name) === BigInt(mapping[name])
      ? []
      : [
          `${mapping.name}: ${words[name] ?? name} ${renderCount(mapping[name])}, by its chunks ${renderCount(sum(name))}.`,
        ],
  )
  const unbalanced = segments.filter((segment) => BigInt(segment.read) !== sumOf(segment))
  const balances = mapping.sourceRows === String(sum('read')) && sum('read') === sumOf(mapping)
  return [
    ...differences,
    ...unbalanced.map((segment) => `${nameOf(segment)}: the rows read are not the sum of what became of them.`),
    ...(mapping.balances === balances
      ? []
      : [
          `${mapping.name}: by its figures it ${balances ? 'balances' : 'does not balance'}, and the report says otherwise.`,
        ]),
  ]
}

const words: Partial<Record<string, string>> = { chunks: 'chunks in all', chunksDone: 'chunks done' }

function sumOf(rows: Readonly<Record<Disposition, string>>): bigint {
  return dispositions.reduce((all, name) => all + BigInt(rows[name]), 0n)
}

function quarantineDifferences({ mappings, quarantine }: CheckableReport): readonly string[] {
  const rows = new Map<string, bigint>()
  for (const group of quarantine) rows.set(group.mapping, (rows.get(group.mapping) ?? 0n) + BigInt(group.rows))
  const unknown = [...rows.keys()].filter((name) => !mappings.some((mapping) => mapping.name === name))
  return [
    ...mappings.flatMap(({ name, quarantined }) => {
      const sum = rows.get(name) ?? 0n
      return sum === BigInt(quarantined)
        ? []
        : [`${name}: quarantined ${renderCount(quarantined)}, by its causes ${renderCount(sum)}.`]
    }),
    ...unknown.map((name) => `${name}: rows are quarantined, and the report has no such mapping.`),
  ]
}

function verdictDifferences({ verdict, mappings }: CheckableReport): readonly string[] {
  const sum = (...names: readonly (keyof ReportMapping)[]) =>
    mappings.reduce(
      (all, mapping) => names.reduce((some, name) => some + BigInt((mapping[name] as string | null) ?? 0), all),
      0n,
    )
  const sums = {
    sourceRows: sum('sourceRows'),
    rowsInTarget: sum('loaded', 'merged', 'matched'),
    rowsLeftOut: sum('quarantined', 'excluded'),
  }
  const titles = {
    sourceRows: 'source rows',
    rowsInTarget: 'rows in the target',
    rowsLeftOut: 'rows left out',
  } as const
  return (Object.keys(sums) as readonly (keyof typeof sums)[]).flatMap((name) =>
    sums[name] === BigInt(verdict[name])
      ? []
      : [`${titles[name]} ${renderCount(verdict[name])}, by the mappings ${renderCount(sums[name])}.`],
  )
}

/** `chunk 3 of visits`, `chunks 3 to 8 of visits`. */
export function nameOf({ mapping, first, last }: Pick<ChunkSegment, 'mapping' | 'first' | 'last'>): string {
  return first === last ? `chunk ${first} of ${mapping}` : `chunks ${first} to ${last} of ${mapping}`
}
