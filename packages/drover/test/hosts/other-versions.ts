import assert from 'node:assert/strict'
import type { Host } from './network.ts'
import type { Stage } from './stage.ts'

/** A ledger of a newer drover, and a run that another one carries out: refused, and nothing is changed. */
export async function refuseOthers(stage: Stage, [host]: readonly Host[]): Promise<string> {
  const { database } = stage
  const refused = async (code: string, said: RegExp) => {
    const { exit, stdout, stderr } = await stage.worker(host!).ended
    assert.equal(exit, 1, stderr)
    assert.equal(stdout, '')
    const [first] = stderr.split('\n')
    assert.match(first!, said)
    assert.ok(first!.includes(`[${code}]`), stderr)
    assert.match(stderr, /remedy: Use /)
    return first!
  }
  await database.query(`update drover.run set settings = settings || '{"drover": "9.9.9"}'`)
  const other = await refused('version-differs', /^Run 1 is carried out by drover 9[.]9[.]9; this is drover /)
  await database.query(`insert into drover.ledger_version (version, drover) values (999, '9.9.9')`)
  const newer = await refused('ledger-newer', /^The ledger has version 999; this drover knows up to /)
  const begun = await database.query('select from drover.chunk')
  assert.equal(begun.length, 0)
  return `"${other}" "${newer}"`
}
