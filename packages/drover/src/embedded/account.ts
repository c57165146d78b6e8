import { accessSync, constants, existsSync, readFileSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, parse } from 'node:path'
import { DroverError } from '../error.ts'

/** The user that the server runs as, where it is not the one that started us. */
export interface Account {
  readonly uid: number
  readonly gid: number
}

/** Users that exist for programs without rights of their own, the least entitled first. */
const unprivilegedUsers = ['nobody', 'postgres', 'daemon']

/**
 * PostgreSQL refuses to run as root: then it runs as the owner of its data, or as an unprivileged user that exists.
 * Otherwise undefined.
 *
 * @throws DroverError `embedded-account-missing`
 */
export function serverAccount(dataDirectory: string | undefined): Account | undefined {
  if (process.getuid?.() !== 0) return undefined
  const owner = dataDirectory === undefined ? undefined : statSync(dataDirectory, { throwIfNoEntry: false })
  if (owner !== undefined && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid }
  const account = chooseAccount(existsSync('/etc/passwd') ? readFileSync('/etc/passwd', 'utf8') : '')
  if (account) return account
  throw new DroverError('embedded-account-missing', 'PostgreSQL does not run as root, and there is nobody else.', {
    where: '/etc/passwd',
    why: `It names none of the users ${unprivilegedUsers.join(', ')}.`,
    remedy: 'Start drover as a normal user, or use a server of your own: pass --database-url.',
  })
}

/** The account out of the text of `/etc/passwd`: initdb insists on a user that has a name there. */
export function chooseAccount(passwd: string): Account | undefined {
  const users = passwd.split('\n').map((line) => line.split(':'))
  for (const wanted of unprivilegedUsers) {
    const [, , uid, gid] = users.find(([name]) => name === wanted) ?? []
    if (Number(uid)) return { uid: Number(uid), gid: Number(gid) }
  }
  return undefined
}

/** A folder for temporary files that the server's account can reach. */
export function temporaryFolder(account: Account | undefined): string {
  const candidates = account === undefined ? [tmpdir()] : [tmpdir(), '/tmp', '/var/tmp']
  return candidates.find((folder) => account === undefined || isOpenToOthers(folder)) ?? tmpdir()
}

/** Whether we may write to a folder, and other users may pass through it and all that hold it. */
function isOpenToOthers(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK)
    for (let at = folder; ; at = dirname(at)) {
      if ((statSync(at).mode & 0o001) === 0) return false
      if (at === parse(at).root) return true
    }
  } catch {
    return false
  }
}
