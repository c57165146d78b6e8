import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Check } from '../../../../packages/drover/src/check/check.ts'
import { cellsOf } from '../../../../packages/drover/test/support/cells.ts'
import { compareWithManifest } from '../../compare.ts'
import type { Planted } from '../../generator/planting.ts'
import { findLostOriginals } from './originals.ts'
import { type PlantedRun, preparePlanting, readStanding } from './planted.ts'

/** What the policies make of one kind of defect where it is the only one. */
export interface Kind {
  readonly planted: number
  /** Everything that a check finds, and in how many rows: `mapping outcome [column code]`. */
  readonly finds: Readonly<Record<string, number>>
  /**
   * Where a policy changes or keeps rows and logs nothing: which of the planted rows (their ids are `$1`) did not arrive as
   * it says. A query for keys.
   */
  readonly unlogged?: string
}

/**
 * The same tests for every kind: a check finds it, the run follows its policy, and the original is in the ledger. Each kind
 * takes a check, a run and a verification of its own: a test run has one in six of them, `npm run test:cells` has all.
 */
export function testAlone(kinds: Readonly<Partial<Record<Planted, Kind>>>): void {
  let plant: (only: Planted) => Promise<PlantedRun>
  beforeAll(async () => {
    plant = await preparePlanting()
  })

  describe.each(cellsOf(Object.entries(kinds) as [Planted, Kind][], 6))(
    '%s',
    (defect, { planted, finds, unlogged }) => {
      let subject: PlantedRun
      beforeAll(async () => {
        subject = await plant(defect)
      })
      afterAll(() => subject.database.drop())

      test('a check finds it, as often as it was planted, and nothing else', () => {
        expect(subject.manifest.defects[defect]?.count ?? 0).toBe(planted)
        expect(foundBy(subject.check)).toEqual(finds)
      })

      test('the run follows the policy, loses no row, and verifies', async () => {
        const { database, manifest, verification } = subject
        expect(await compareWithManifest((text, values) => database.query(text, values), manifest)).toEqual([])
        // I2
        expect(
          await database.query(`
          select mapping from drover.chunk join drover.step using (run_id, mapping)
          group by mapping, source_rows
          having sum(read) <> source_rows or sum(read) <> sum(loaded + merged + matched + quarantined + excluded)`),
        ).toEqual([])
        expect(verification.findings.filter(({ verdict }) => verdict === 'warn' || verdict === 'fail')).toEqual([])
      })

      test('the original can be had', async () => {
        const { database, manifest, before } = subject
        expect(await readStanding(database)).toEqual(before)
        expect(await findLostOriginals(database)).toEqual([])
        if (unlogged) expect(await database.query(unlogged, [manifest.defects[defect]!.ids])).toEqual([])
      })
    },
  )
}

/** What is not loaded as it is. */
function foundBy({ mappings, leftOut }: Check): Readonly<Record<string, number>> {
  expect(leftOut).toEqual([])
  const found: Record<string, number> = {}
  const add = (what: string, rows: bigint) => {
    if (rows > 0n) found[what] = (found[what] ?? 0) + Number(rows)
  }
  for (const { mapping, merged, matched, excluded, quarantined, codes, findings } of mappings) {
    add(`${mapping} merged`, merged)
    add(`${mapping} matched`, matched)
    add(`${mapping} excluded`, excluded)
    add(`${mapping} quarantined`, quarantined)
    for (const { outcome, column, code, rows } of codes) add(`${mapping} ${outcome} ${column} ${code}`, rows)
    expect([mapping, findings]).toEqual([mapping, []])
  }
  return found
}
