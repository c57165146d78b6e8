import { DroverError } from '../error.ts'

/** What a failed start may be about. */
export interface FailureContext {
  readonly dataDirectory: string
  readonly port: number
}

/** The output of initdb or the server, or a thrown error, as an error with a remedy. */
export function explainFailure(output: string, context: FailureContext, cause?: unknown): DroverError {
  const { dataDirectory, port } = context
  if (/No space left on device|ENOSPC/.test(output)) {
    return new DroverError('embedded-disk-full', 'The disk is full where the embedded PostgreSQL lives.', {
      where: dataDirectory,
      remedy: 'Make room there, or set TMPDIR to a folder on another disk.',
      cause,
    })
  }
  if (isPortTaken(output)) {
    return new DroverError('embedded-port-in-use', `Port ${port} is in use.`, {
      where: `127.0.0.1:${port}`,
      remedy: 'Choose another port, or none: then a free one is taken.',
      cause,
    })
  }
  if (/lock file .* already exists|Is another postmaster/.test(output)) {
    return new DroverError('embedded-data-directory', 'Another server uses the data directory.', {
      where: dataDirectory,
      remedy: 'Stop that server, or use another directory.',
      cause,
    })
  }
  if (/incompatible with server/.test(output)) {
    return new DroverError('embedded-data-directory', 'The data directory belongs to another major version.', {
      where: dataDirectory,
      remedy: 'Use another directory, or upgrade the data with pg_upgrade.',
      cause,
    })
  }
  return new DroverError('embedded-failed', 'The embedded PostgreSQL did not start.', {
    where: dataDirectory,
    why: output.trim().split('\n').slice(-3).join(' ') || undefined,
    remedy: 'Use a server of your own: pass --database-url.',
    cause,
  })
}

export function isPortTaken(output: string): boolean {
  return /Address already in use|could not bind/.test(output)
}
