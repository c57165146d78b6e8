import { chown, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Call, type Cluster, readLog, startProgram } from './cluster.ts'
import { explainFailure } from './failure.ts'

/** Fills the empty data directory: a cluster whose superuser is `postgres` with the given password. */
export async function initialise(cluster: Cluster, password: string): Promise<void> {
  const passwordFile = join(cluster.folder, 'password')
  await writeFile(passwordFile, password, { mode: 0o600 })
  if (cluster.account) await chown(passwordFile, cluster.account.uid, cluster.account.gid)
  const args = [
    `--pgdata=${cluster.dataDirectory}`,
    '--username=postgres',
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--no-sync',
    '--no-instructions',
  ]
  await runTask(cluster, { program: 'initdb', args, role: 'task' })
  await rm(passwordFile)
}

/**
 * Gives the superuser of an existing cluster a new password. Single-user mode asks for none: whoever may read the data
 * directory may do anything with it anyway.
 */
export async function setPassword(cluster: Cluster, password: string): Promise<void> {
  const quiet = ['-c', 'exit_on_error=on', '-c', 'log_statement=none', '-c', 'log_min_error_statement=panic']
  const args = ['--single', '-D', cluster.dataDirectory, ...quiet, 'postgres']
  // Single-user mode has no parameters; the password is of letters, digits, `-` and `_`.
  const input = `alter role postgres with login password '${password}'\n`
  await runTask(cluster, { program: 'postgres', args, role: 'task', input })
}

async function runTask(cluster: Cluster, call: Call): Promise<void> {
  if ((await startProgram(cluster, call).ended) !== 0)
    throw explainFailure(await readLog(cluster), { where: cluster.dataDirectory })
}
