import type { Database, TransactionOptions } from '../db/connection.ts'
import { asDroverError, describeServerError, serverErrorOf } from '../db/server-error.ts'
import { type Check, type MappingSubject, soleMapping, type TableSubject } from './check.ts'
import { conservation } from './conservation.ts'
import { crosswalkKeys } from './crosswalk-keys.ts'
import { dispositions } from './dispositions.ts'
import { writeFindings } from './findings.ts'
import { frozenSource } from './frozen-source.ts'
import { notRun } from './not-run.ts'
import { checkConstraints, indexes } from './objects.ts'
import { references } from './references.ts'
import { rowComparison } from './row-comparison.ts'
import { merges, quarantine } from './set-aside.ts'
import { sourceRows } from './source-rows.ts'
import { readSubjects } from './subjects.ts'
import { targetKeys } from './target-keys.ts'
import { targetRows } from './target-rows.ts'
import { targetsExist } from './targets-exist.ts'
import { type Finding, overallVerdict, type Verification } from './verification.ts'

export interface VerifyOptions {
  /** How long a statement may take, in milliseconds. Default 0: as long as it needs. */
  readonly statementTimeoutMs?: number
}

const mappingChecks: readonly Check<MappingSubject>[] = [
  conservation,
  sourceRows,
  dispositions,
  crosswalkKeys,
  targetKeys,
  quarantine,
  merges,
  targetsExist,
  rowComparison,
]

const tableChecks: readonly Check<TableSubject>[] = [targetRows, references, checkConstraints, indexes]

/**
 * Checks a loaded run against the database as it is now, on all rows, and writes the findings into the ledger in place
 * of earlier ones. Checks are queries in read-only transactions (I5); what they find is written afterwards, in another.
 *
 * @throws DroverError `ledger-missing`, `run-missing`, `state-refused`, or `statement-failed` where the server refuses
 * a check for another reason than a table that is gone.
 */
export async function verify(db: Database, runId: string, options: VerifyOptions = {}): Promise<Verification> {
  const readOnly: TransactionOptions = {
    readOnly: true,
    statementTimeoutMs: options.statementTimeoutMs ?? 0,
    settings: { application_name: `drover run ${runId} verify`, transaction_isolation: 'repeatable read' },
  }
  const { run, mappings, tables } = await db.transaction((tx) => readSubjects(tx, runId), readOnly)
  const findings: Finding[] = [...(await carryOut(db, frozenSource, run, null, readOnly))]
  for (const check of mappingChecks) {
    for (const subject of mappings) {
      findings.push(...(await carryOut(db, check, subject, subject.mapping.name, readOnly)))
    }
  }
  for (const check of tableChecks) {
    for (const subject of tables) {
      findings.push(...(await carryOut(db, check, subject, soleMapping(subject), readOnly)))
    }
  }
  findings.push(...notRun)
  const verification: Verification = {
    runId,
    verdict: overallVerdict(findings),
    findings,
    notChecked: findings.filter(({ verdict }) => verdict === 'not run').map(({ detail }) => detail),
  }
  await db.transaction((tx) => writeFindings(tx, verification))
  return verification
}

/** Undefined column, undefined table, invalid schema name: the object that a check reads is gone. */
const gone = new Set(['42703', '42P01', '3F000'])

async function carryOut<Subject>(
  db: Database,
  check: Check<Subject>,
  subject: Subject,
  mapping: string | null,
  readOnly: TransactionOptions,
): Promise<readonly Finding[]> {
  try {
    return await db.transaction((tx) => check.run(tx, subject), readOnly)
  } catch (thrown) {
    const server = serverErrorOf(thrown)
    if (server === undefined || !gone.has(server.sqlstate)) {
      const where = mapping === null ? undefined : `mapping ${mapping}`
      throw asDroverError(thrown, 'statement-failed', `The check of ${check.name} could not be carried out.`, where)
    }
    const detail = `Something that the check reads is gone: ${describeServerError(server)}.`
    return [{ check: check.name, mapping, verdict: check.whenGone, expected: null, actual: null, detail }]
  }
}
