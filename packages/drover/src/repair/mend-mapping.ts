import { describeServerError, serverErrorOf } from '../db/server-error.ts'
import { DroverError } from '../error.ts'
import { countNamed, forgetNamed, markNamed, nameMerged, nameSurvivors, nameTried } from '../ledger/repair-key.ts'
import { nextChunkNumber } from '../ledger/step.ts'
import type { MappingPlan } from '../plan/plan.ts'
import { repairHead } from './head.ts'
import type { Mending } from './mend.ts'
import type { MappingRepair } from './outcome.ts'
import { tryRows } from './try-rows.ts'

type Counts = { -readonly [K in Exclude<keyof MappingRepair, 'mapping'>]: bigint }

/** What a mapping is looked at for. */
interface Occasion {
  /** The mappings whose rows have moved since it was looked at last. */
  readonly parents: readonly string[]
  /** It is looked at for the first time, and there are fixes: rows that are loaded may be made of them. */
  readonly isFirst: boolean
}

/** Mends one mapping. Undefined where nothing of it was named. */
export async function mendMapping(
  mending: Mending,
  mapping: MappingPlan,
  { parents, isFirst }: Occasion,
): Promise<(MappingRepair & { readonly isMoved: boolean }) | undefined> {
  const { tx, runId } = mending
  const { name, statements } = mapping
  const { repair } = statements
  const head = repairHead(runId, name)
  const count = (purpose: 'try' | 'change' | 'moved') => countNamed(tx, runId, name, purpose)
  const nameDuplicates = async () => {
    if (repair.regroup !== null) await nameMerged(tx, runId, name)
  }
  const movedBefore = await count('moved')
  const counts: Counts = { ...nothing }
  if (isFirst && repair.readers !== null) await tx.query(`${head}${repair.readers}`, [runId])
  const isFixed = isFirst && repair.restore !== null && (await tx.query(repair.restore.isFixed)).length > 0
  const asksAll = isFixed || parents.length > 0
  if (repair.restore !== null && (asksAll || (await count('try')) > 0n)) {
    counts.withdrawn += await askAgain(mending, mapping, asksAll)
  }
  // So far the source row itself is another one: all that is made of it may be.
  await nameDuplicates()
  await follow(mending, mapping, ['*'], counts)
  for (const { mapping: parent, find } of repair.dependents) {
    if (parents.includes(parent)) await tx.query(`${head}${find}`, [runId])
  }
  const ofItself = repair.dependents.find((dependents) => dependents.mapping === name)
  for (;;) {
    await nameDuplicates()
    if ((await count('try')) === 0n) break
    const outcome = await tryRows(mending, mapping)
    for (const [part, n] of Object.entries(outcome)) counts[part as keyof Counts] += n
    if (repair.regroup !== null) await nameSurvivors(tx, runId, name)
    await follow(mending, mapping, [...parents, name], counts)
    // A reference that closes a circle was left null, as in the load.
    if (statements.settleReferences !== null) await nameTried(tx, runId, name)
    await follow(mending, mapping, ['*'], counts)
    await markNamed(tx, runId, name, 'try', { done: true })
    await markNamed(tx, runId, name, 'group', { done: true })
    if (ofItself === undefined) break
    await tx.query(`${head}${ofItself.find}`, [runId])
  }
  await follow(mending, mapping, [...parents, name], counts)
  const isMoved = (await count('moved')) > movedBefore || counts.changed > 0n
  const isTouched = isMoved || Object.values(counts).some((n) => n > 0n)
  return isTouched ? { mapping: name, ...counts, isMoved } : undefined
}

const nothing: Counts = {
  tried: 0n,
  loaded: 0n,
  merged: 0n,
  matched: 0n,
  excluded: 0n,
  quarantined: 0n,
  changed: 0n,
  withdrawn: 0n,
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
    if (repair.holdTarget !== undefined) await tx.query(repair.holdTarget)
    const [row] = await tx.query(`${repairHead(runId, name)}${repair.follow}`, [runId, moved])
    counts.changed += BigInt(row?.changed as string)
  }
  await forgetNamed(tx, runId, name, 'change')
}

/**
 * Asks the stored query again; `all`: or takes over only what it says of the rows that are tried. Returns how many rows
 * were taken back.
 *
 * @throws DroverError `repair-refused` where other rows refer to one that is gone.
 */
async function askAgain({ tx, runId }: Mending, mapping: MappingPlan, all: boolean): Promise<bigint> {
  const { name, statements } = mapping
  const { store, compare, takeOver, withdraw } = statements.repair.restore!
  const head = repairHead(runId, name)
  await tx.query(`${head}${store}`)
  await tx.query(`${head}${compare}`, [runId, all])
  await tx.query(statements.repair.createImages)
  const number = await nextChunkNumber(tx, runId, name)
  const rows = await tx.query(`${head}${withdraw}`, [runId, number]).catch((thrown) => {
    const server = serverErrorOf(thrown)
    if (server?.sqlstate !== '23503') throw thrown
    throw new DroverError(
      'repair-refused',
      `Rows of mapping ${name} are gone from their query, and others refer to them.`,
      {
        where: `mapping ${name}`,
        why: describeServerError(server),
        remedy: 'Nothing was changed. Delete or move the rows that refer to them, then repeat the command.',
        cause: thrown,
      },
    )
  })
  for (const statement of takeOver) await tx.query(`${head}${statement}`, statement.includes('$1') ? [runId] : [])
  await forgetNamed(tx, runId, name, 'withdraw')
  return -BigInt((rows[0]?.read as string | undefined) ?? 0)
}
