import { type Check, readCheck } from '../check/check.ts'
import { readFacts } from '../check/facts.ts'
import type { Database } from '../db/connection.ts'
import { type MigrationDefinition, probesOf } from '../define/migration.ts'
import { readTallies, type Tally } from '../ledger/tally.ts'
import { buildCheck } from '../plan/check.ts'
import type { Plan } from '../plan/plan.ts'
import { type RunOptions, run } from '../run/run.ts'
import { type VerifyOptions, verify } from '../verify/verify.ts'
import type { Stages } from './stages.ts'

/** Checks, runs and verifies. `onLoaded` is told of the run, also where the verification fails. Returns the run. */
export async function goThere(
  { act, note }: Stages,
  scratch: Database,
  migration: MigrationDefinition,
  plan: Plan,
  options: {
    readonly run: RunOptions
    readonly verify: VerifyOptions
    /** `walBytes`: the write-ahead log that the server wrote meanwhile. */
    readonly onLoaded: (runId: string, walBytes: bigint) => Promise<void>
  },
): Promise<string> {
  const check = await act('check', async () => {
    const facts = await readFacts(scratch, plan.catalog.schemas)
    const told = await readCheck(scratch, buildCheck(migration, plan.catalog, { ...facts, showsValues: false }))
    const findings = told.mappings.flatMap((outlook) => outlook.findings)
    return { value: told, detail: `${told.mappings.length} mappings foreseen, ${findings.length} findings` }
  })
  const runId = await act('run', async () => {
    const before = await readWal(scratch)
    const { runId: id, state } = await run(scratch, plan, options.run)
    const walBytes = (await readWal(scratch)) - before
    if (state !== 'loaded') return { value: id, detail: '', failure: `the run is ${state}` }
    await options.onLoaded(id, walBytes)
    const tallies = await scratch.transaction((tx) => readTallies(tx, id), { readOnly: true })
    note(
      ...notForeseen(check, tallies).map((name) => `mapping ${name} loaded another number of rows than was foreseen`),
    )
    const sum = (of: 'read' | 'loaded' | 'quarantined') => tallies.reduce((all, tally) => all + tally[of], 0n)
    return {
      value: id,
      detail: `${sum('read')} rows read, ${sum('loaded')} loaded, ${sum('quarantined')} quarantined`,
    }
  })
  await act('verification', async () => {
    const { verdict, findings } = await verify(scratch, runId, {
      ...options.verify,
      triesWrites: true,
      probes: probesOf(migration),
    })
    const failed = findings.filter((finding) => finding.verdict === 'fail')
    const names = failed.map(({ check: name, rule, mapping }) => [rule ?? name, mapping].filter(Boolean).join(' of '))
    return {
      value: undefined,
      detail: `${findings.length} checks, verdict ${verdict}`,
      ...(failed.length === 0 ? {} : { failure: `failed: ${[...new Set(names)].join(', ')}` }),
    }
  })
  return runId
}

/** The mappings that did otherwise than was foreseen, as far as all was. */
function notForeseen({ mappings }: Check, tallies: readonly Tally[]): readonly string[] {
  return tallies
    .filter(({ mapping, loaded }) => {
      const outlook = mappings.find((candidate) => candidate.mapping === mapping)
      return outlook !== undefined && outlook.unforeseen.length === 0 && outlook.loaded !== loaded
    })
    .map(({ mapping }) => mapping)
}

async function readWal(db: Database): Promise<bigint> {
  const [row] = await db.transaction((tx) => tx.query(`select (pg_current_wal_lsn() - '0/0')::int8 as bytes`), {
    readOnly: true,
  })
  return BigInt(row!.bytes as string)
}
