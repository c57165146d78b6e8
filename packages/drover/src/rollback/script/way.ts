import { capabilitiesOf } from '../../catalog/capabilities.ts'
import { findTable, qualifiedName, type Table } from '../../catalog/catalog.ts'
import type { Queryable } from '../../db/connection.ts'
import { DroverError } from '../../error.ts'
import { ledgerVersion } from '../../ledger/install.ts'
import type { Run } from '../../ledger/run.ts'
import { stateWords } from '../../ledger/state.ts'
import { readTargetsBefore } from '../../ledger/target-before.ts'
import { readWholeCatalog } from '../../ledger/whole-catalog.ts'
import type { DigestAlgorithm } from '../../plan/digest.ts'
import { parseName } from '../../sql/nodes.ts'
import { missingOf, readSchemaNames, type StepBack, type Way } from '../way.ts'
import { referringQuery } from './referring.ts'

/**
 * The way back as a script has to know it ahead: all mappings of the plan, for those that the run has not come to may
 * be begun when the script runs. How large the ledger's tables are, and whether a mapping is done, is seen only then.
 */
export interface ScriptWay extends Way {
  readonly ledgerVersion: number
  /**
   * The foreign keys by which rows lead to the targets, as {@link referringQuery} prints them; those that are off
   * included.
   */
  readonly referring: readonly string[]
  /** How the fingerprints of the targets were taken before the run. */
  readonly fingerprints: readonly {
    readonly schema: string
    readonly table: string
    readonly algorithm: DigestAlgorithm
  }[]
}

/**
 * @throws DroverError `state-refused` where the run cannot be taken back any more, `plan-stale` where a target, or a
 * column of it that the rollback needs, is gone, `rollback-refused` where a target lies on the nodes of a cluster.
 */
export async function readScriptWay(tx: Queryable, run: Run): Promise<ScriptWay> {
  requireOpen(run)
  const { id, plan } = run
  const now = await readWholeCatalog(tx, await readSchemaNames(tx))
  const taken = await readTaken(tx, id)
  const own = plan.mappings.filter(({ name }) => !taken.has(name)).toReversed()
  const found = own.map((mapping) => ({
    mapping,
    target: findTable(now, qualifiedName(parseName(mapping.target))),
  }))
  refuseSpread(found.flatMap(({ target }) => target ?? []))
  const missing = found.flatMap(({ mapping, target }) => missingOf(mapping, plan, target))
  if (missing.length > 0) {
    throw new DroverError('plan-stale', 'What the run writes to is not there.', {
      findings: missing,
      remedy: 'Bring it back, then make the script.',
    })
  }
  const steps = found.map(
    ({ mapping, target }): StepBack => ({
      mapping,
      target: target!,
      crosswalkBlocks: 0,
      imageBlocks: 0,
      isDone: false,
    }),
  )
  const way = { runId: id, plan, now, steps }
  return {
    ...way,
    ledgerVersion: await ledgerVersion(tx),
    referring: [
      ...(await tx.query(referringQuery(way))).map(({ key }) => key as string),
      ...(await readOffKeys(tx, run)),
    ],
    fingerprints: await readTargetsBefore(tx, id),
  }
}

/** Foreign keys that the run has taken off: the script makes them again itself. */
async function readOffKeys(tx: Queryable, { id, plan }: Run): Promise<readonly string[]> {
  const keys = plan.catalog.tables.flatMap(({ schema, name: table, constraints }) =>
    constraints
      .filter(({ kind }) => kind === 'foreign')
      .map(({ name, definition }) => ({ schema, table, name, definition })),
  )
  const rows = await tx.query(
    `select format('%I.%I: %I %s', off.table_schema, off.table_name, off.object_name, key.definition) as key
from drover.altered_object as off
join jsonb_to_recordset($2) as key (schema text, "table" text, name text, definition text)
  on key.schema = off.table_schema and key."table" = off.table_name and key.name = off.object_name
where off.run_id = $1 and off.change = 'dropped' and off.restored_at is null
order by 1`,
    [id, JSON.stringify(keys)],
  )
  return rows.map(({ key }) => key as string)
}

/** The mappings whose tables a later run has: there is nothing of this one. */
async function readTaken(tx: Queryable, runId: string): Promise<ReadonlySet<string>> {
  const rows = await tx.query(`select distinct mapping from drover.step where run_id > $1 and state <> 'waiting'`, [
    runId,
  ])
  return new Set(rows.map(({ mapping }) => mapping as string))
}

function requireOpen({ id, state }: Run): void {
  if (state !== 'finalized' && state !== 'rolled_back') return
  throw new DroverError('state-refused', `Run ${id} is ${stateWords(state)} and cannot be taken back.`, {
    remedy:
      state === 'finalized'
        ? 'To finalize a run gives its way back up. Restore a backup from before it.'
        : 'There is nothing left to take back.',
  })
}

/** What others changed in such rows is found by comparing them chunk by chunk, which a file of SQL does not do. */
function refuseSpread(targets: readonly Table[]): void {
  const names = targets.filter((target) => !capabilitiesOf(target).comparesVersions).map(qualifiedName)
  if (names.length === 0) return
  throw new DroverError(
    'rollback-refused',
    'There is no reversal script for tables that lie on the nodes of a cluster.',
    {
      where: [...new Set(names)].join(', '),
      remedy: 'Take the run back with drover rollback, which needs no file.',
    },
  )
}
