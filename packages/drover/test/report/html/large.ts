import type { ReportCourse, StripCell } from '../../../src/report/course.ts'
import type { QuarantineGroup, Report, ReportMapping } from '../../../src/report/report.ts'
import { cellsFor } from '../../../src/report/strip.ts'
import { sample } from '../sample.ts'

/** A report of a run with so many mappings of 10,000 chunks each. */
export function reportOfMappings(count: number): Report {
  const numbers = Array.from({ length: count }, (_, i) => i)
  return {
    ...sample,
    mappings: numbers.map(mappingOf),
    courses: numbers.map((i) => courseOf(i, cellsFor(count))),
    rebuilds: numbers.flatMap((i) => sample.rebuilds.map((rebuild) => ({ ...rebuild, name: `${rebuild.name}_${i}` }))),
  }
}

/** A report of a run whose rows were set aside for so many reasons. */
export function reportOfCauses(count: number): Report {
  const [group] = sample.quarantine as readonly [QuarantineGroup]
  const quarantine = Array.from({ length: count }, (_, i) => ({
    ...group,
    code: `cause-${i}`,
    rows: String(count - i),
  }))
  return { ...sample, quarantine }
}

function mappingOf(i: number): ReportMapping {
  return {
    ...sample.mappings[1]!,
    name: `customer_order_positions_${i}`,
    source: `legacy.customer_order_positions_${i}`,
    target: `public.customer_order_positions_${i}`,
    lineage: Array.from({ length: 20 }, (_, column) => ({
      column: `some_column_${column}`,
      reads: [`p.old_column_${column}`],
    })),
    sourceRows: String(20_000_000 + i),
    loaded: String(19_000_000 + i),
    quarantined: '1000000',
    chunks: '10000',
    chunksDone: '10000',
    balances: true,
  }
}

function courseOf(i: number, cells: number): ReportCourse {
  return {
    ...sample.courses[1]!,
    mapping: `customer_order_positions_${i}`,
    chunks: '10000',
    chunksDone: '10000',
    strip: Array.from({ length: cells }, (_, cell) => stripCell(i * 7 + cell * cell)),
  }
}

/** Of a run that is over: here chunks were tried again, there rows were set aside. */
function stripCell(seed: number): StripCell {
  return {
    chunks: 100,
    done: 100,
    retried: seed % 5 === 0 ? 2 : 0,
    begun: 0,
    failed: 0,
    rows: 200_000,
    quarantined: seed % 7 === 0 ? 400 : 0,
  }
}
