import { openDatabase } from '../../packages/drover/src/db/pg.ts'
import { beginVerification } from '../../packages/drover/src/ledger/verification.ts'
import { carryOutParts } from '../../packages/drover/src/verify/carry-out.ts'
import { partsOf } from '../../packages/drover/src/verify/parts.ts'
import { cutIntoSlices } from '../../packages/drover/src/verify/slices.ts'
import { readSubjects } from '../../packages/drover/src/verify/subjects.ts'

/**
 * Of the verification of the database's run the comparison of all rows alone: what the transform makes of the source
 * against what the target holds.
 *
 * @throws Error where something is wrong
 */
export async function compareRows(url: string): Promise<void> {
  const db = await openDatabase(url)
  try {
    const subjects = await db.transaction((tx) => readSubjects(tx, '1'), { readOnly: true })
    const all = partsOf(subjects).filter(({ check }) => check.name === 'row comparison')
    const parts = await cutIntoSlices(db, all, { rowsPerSlice: 5_000_000, workers: 2 })
    const options = { afterCutover: false, triesWrites: false, rowsPerSlice: 5_000_000 }
    const begun = await db.transaction((tx) => beginVerification(tx, '1', options, { restart: true, afterEvent: null }))
    const findings = await carryOutParts(db, subjects.run, parts, begun, {})
    const wrong = findings.filter(({ verdict }) => verdict === 'fail')
    if (wrong.length > 0) throw new Error(wrong.map(({ check, detail }) => `${check}: ${detail}`).join('\n'))
  } finally {
    await db.close()
  }
}
