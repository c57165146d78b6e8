import { countNamed, forgetNamed, markNamed, nameMerged, nameSurvivors, nameTried } from '../ledger/repair-key.ts'
import { nextChunkNumber } from '../ledger/step.ts'
import type { MappingPlan } from '../plan/plan.ts'
import { repairHead } from './head.ts'
import type { Mending } from './mend.ts'
import type { MappingRepair } from './outcome.ts'
import { tryRows } from './try-rows.ts'

type Counts = { -readonly [K in Exclude<keyof MappingRepair, 'mapping'>]: bigint }

/**
 * Mends one mapping: `parents` are the mappings whose rows have moved since it was looked at. Undefined where nothing of it
 * was named.
 */
export async function mendMapping(
  mending: Mending,
  mapping: MappingPlan,
  parents: readonly string[],
): Promise<(MappingRepair & { readonly isMoved: boolean }) | undefined> {
  const { tx, runId } = mending
  const { name, statements } = mapping
  const { repair } = statements
  const head = repairHead(runId, name)
  const count = (purpose: 'try' | 'change' | 'moved' | 'withdraw') => countNamed(tx, runId, name, purpose)
  const movedBefore = await count('moved')
  const counts: Counts = { tried: 0n, loaded: 0n, merged: 0n, matched: 0n, excluded: 0n, quarantined: 0n, changed: 0n }
  // Named before anything has moved: the source row itself is another one.
  await follow(mending, mapping, ['*'], counts)
  const isAskedAgain = repair.restore !== null && (parents.length > 0 || (await count('try')) > 0n)
  if (isAskedAgain) await askAgain(mending, mapping, parents.length > 0)
  for (const { mapping: parent, find } of repair.dependents) {
    if (parents.includes(parent)) await tx.query(`${head}${find}`, [runId])
  }
  const ofItself = repair.dependents.find((dependents) => dependents.mapping === name)
  for (;;) {
    if (repair.regroup !== null) await nameMerged(tx, runId, name)
    if ((await count('try')) === 0n) break
    const outcome = await tryRows(mending, mapping)
    for (const [part, n] of Object.entries(outcome)) counts[part as keyof Counts] += n
    if (repair.regroup !== null) await nameSurvivors(tx, runId, name)
    // A reference that closes a circle was left null, as in the load.
    if (statements.settleReferences !== null) await nameTried(tx, runId, name)
    await markNamed(tx, runId, name, 'try', { done: true })
    await markNamed(tx, runId, name, 'group', { done: true })
    if (ofItself === undefined) break
    await tx.query(`${head}${ofItself.find}`, [runId])
  }
  const isOther = isAskedAgain || statements.settleReferences !== null
  await follow(mending, mapping, isOther ? ['*'] : [...parents, name], counts)
  const isMoved = (await count('moved')) > movedBefore || counts.changed > 0n
  const isTouched = isMoved || Object.values(counts).some((n) => n > 0n)
  return isTouched ? { mapping: name, ...counts, isMoved } : undefined
}

/** Writes what has moved into the rows that are named to be changed. */
async function follow(
  { tx, runId, waitingKeys }: Mending,
  { name, statements: { repair } }: MappingPlan,
  moved: readonly string[],
  counts: Counts,
): Promise<void> {
  if ((await countNamed(tx, runId, name, 'change')) === 0n) return
  if (repair.follow !== null) {
    await tx.query(repair.createImages)
    await waitingKeys.wait(repair.waitingKeys)
    const [row] = await tx.query(`${repairHead(runId, name)}${repair.follow}`, [runId, moved])
    counts.changed += BigInt(row?.changed as string)
  }
  await forgetNamed(tx, runId, name, 'change')
}

/** Asks the stored query again; `all`: or takes over only what it says of the rows that are tried. */
async function askAgain({ tx, runId }: Mending, mapping: MappingPlan, all: boolean): Promise<void> {
  const { repair } = mapping.statements
  const { store, compare, takeOver, withdraw } = repair.restore!
  const head = repairHead(runId, mapping.name)
  await tx.query(`${head}${store}`)
  await tx.query(`${head}${compare}`, [runId, all])
  await tx.query(repair.createImages)
  await tx.query(`${head}${withdraw}`, [runId, await nextChunkNumber(tx, runId, mapping.name)])
  for (const statement of takeOver) await tx.query(`${head}${statement}`, statement.includes('$1') ? [runId] : [])
  await forgetNamed(tx, runId, mapping.name, 'withdraw')
}
