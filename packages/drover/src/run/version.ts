import type { Queryable } from '../db/connection.ts'
import { DroverError } from '../error.ts'
import { ledgerVersion } from '../ledger/install.ts'
import type { Run } from '../ledger/run.ts'
import { readSessions } from '../monitor/session.ts'
import { droverVersion } from '../plan/version.ts'

/**
 * That this is the drover that works on the run, or has planned it where nobody has begun: two versions may read one plan
 * and one ledger differently.
 *
 * @throws DroverError `version-differs`
 */
export function requireSameVersion({ id, settings, plan }: Pick<Run, 'id' | 'settings' | 'plan'>): void {
  const version = settings.drover ?? plan.drover
  if (version !== droverVersion) throw versionDiffers(id, version)
}

/**
 * The same for whoever starts, before anything is written: where nobody works on the run, another version may take it up.
 *
 * @throws DroverError `version-differs`
 */
export async function requireNoOtherVersion(tx: Queryable, migration: string): Promise<void> {
  if ((await ledgerVersion(tx)) === 0) return
  const [run] = await tx.query(
    `select id, coalesce(settings ->> 'drover', drover) as version
from drover.run
where migration = $1 and state = 'running'`,
    [migration],
  )
  if (run === undefined || run.version === droverVersion) return
  const id = run.id as string
  if ((await readSessions(tx, id)).length > 0) throw versionDiffers(id, run.version as string)
}

function versionDiffers(id: string, version: string): DroverError {
  return new DroverError(
    'version-differs',
    `Run ${id} is carried out by drover ${version}; this is drover ${droverVersion}.`,
    {
      remedy: `Use drover ${version} here too. Or pause the run with drover pause --run ${id}, and take it up everywhere with this version: drover resume --run ${id}.`,
    },
  )
}
