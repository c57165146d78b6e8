import { accessSync, constants, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, parse } from 'node:path'

/** The user that the server runs as, where it is not the one that started us. */
export interface Account {
  readonly uid: number
  readonly gid: number
}

/** `nobody` on Linux and most other systems: owns nothing and may do nothing. */
const nobody: Account = { uid: 65_534, gid: 65_534 }

/** PostgreSQL refuses to run as root: then it runs as the owner of its data, or as `nobody`. Otherwise undefined. */
export function serverAccount(dataDirectory: string | undefined): Account | undefined {
  if (process.getuid?.() !== 0) return undefined
  const owner = dataDirectory === undefined ? undefined : statSync(dataDirectory, { throwIfNoEntry: false })
  return owner === undefined || owner.uid === 0 ? nobody : { uid: owner.uid, gid: owner.gid }
}

/** A folder for temporary files that the server's account can reach. */
export function temporaryFolder(account: Account | undefined): string {
  const candidates = account === undefined ? [tmpdir()] : [tmpdir(), '/tmp', '/var/tmp']
  return candidates.find((folder) => account === undefined || isOpenToOthers(folder)) ?? tmpdir()
}

/** Whether other users may pass through a folder and all that hold it. */
function isOpenToOthers(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK)
  } catch {
    return false
  }
  for (let at = folder; ; at = dirname(at)) {
    if ((statSync(at).mode & 0o001) === 0) return false
    if (at === parse(at).root) return true
  }
}
