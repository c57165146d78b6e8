import { DroverError, type ErrorCode } from '../error.ts'

/** Where something failed. */
export interface FailureContext {
  /** The data directory, or the folder that was written to. */
  readonly where: string
  readonly port?: number
}

/** What initdb, the server or the system say, and what it means. The programs run under `LC_ALL=C`. */
interface Explanation {
  readonly sign: RegExp
  readonly code: ErrorCode
  readonly what: string
  readonly remedy: string
}

const ownServer = 'or use a server of your own: pass --database-url.'

const explanations: readonly Explanation[] = [
  {
    sign: /No space left on device|ENOSPC|Disk quota exceeded|EDQUOT/i,
    code: 'embedded-disk-full',
    what: 'The disk is full where the embedded PostgreSQL lives.',
    remedy: 'Make room there, or set TMPDIR to a folder on another disk.',
  },
  {
    sign: /Address already in use|Only one usage of each socket address/,
    code: 'embedded-port-in-use',
    what: 'The port is in use.',
    remedy: 'Choose another port, or none: then a free one is taken.',
  },
  {
    sign: /lock file .* already exists|pre-existing shared memory block/,
    code: 'embedded-data-directory',
    what: 'Another server uses the data directory.',
    remedy: 'Stop that server, or use another directory.',
  },
  {
    sign: /has wrong ownership/,
    code: 'embedded-data-directory',
    what: 'The data directory belongs to another user.',
    remedy: 'Start drover as its owner, or make over the directory with chown.',
  },
  {
    sign: /spawn .*EACCES/,
    code: 'embedded-failed',
    what: 'The programs of the embedded PostgreSQL may not be run where they lie.',
    remedy: `Set TMPDIR to a folder on a disk that is not mounted noexec, ${ownServer}`,
  },
  {
    sign: /spawn .*ENOENT/,
    code: 'embedded-unsupported-platform',
    what: 'The programs of the embedded PostgreSQL do not run on this system.',
    // The loader that a program names is what is missing then.
    remedy: `On Linux they need glibc: take an image that has it, ${ownServer}`,
  },
  {
    sign: /EACCES|could not (access|open|create|change permissions of) (directory|file).*Permission denied/,
    code: 'embedded-data-directory',
    what: 'The user that the embedded PostgreSQL runs as may not reach its files.',
    remedy: 'Use a folder that every user may pass through: started by root, the server is not root itself.',
  },
]

/** The output of initdb or the server, or the message of a system error, as an error with a remedy. */
export function explainFailure(output: string, context: FailureContext, cause?: unknown): DroverError {
  const found = explanations.find(({ sign }) => sign.test(output))
  const isAboutPort = found?.code === 'embedded-port-in-use'
  return new DroverError(found?.code ?? 'embedded-failed', found?.what ?? 'The embedded PostgreSQL did not start.', {
    where: isAboutPort ? `127.0.0.1:${context.port}` : context.where,
    why: output.trim().split('\n').slice(-3).join(' ') || undefined,
    remedy: found?.remedy ?? 'Use a server of your own: pass --database-url.',
    cause,
  })
}
