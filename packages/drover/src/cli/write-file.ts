import { type FileHandle, open } from 'node:fs/promises'
import { resolve } from 'node:path'
import { finished } from 'node:stream/promises'
import { DroverError } from '../error.ts'
import type { Io } from './io.ts'

type Write = (to: NodeJS.WritableStream) => Promise<void>

/**
 * Writes a file that its owner alone can read: it may hold values of rows.
 *
 * @throws DroverError `usage-invalid` where it cannot be written.
 */
export async function writeToFile(io: Io, file: string, write: Write): Promise<void> {
  const handle = await open(resolve(file), 'w', 0o600).catch((thrown: NodeJS.ErrnoException) => {
    throw unwritable(file, thrown)
  })
  // The mode holds for files that are made; one that is there may be open to others, and a device is nobody's.
  if ((await handle.stat()).isFile()) await handle.chmod(0o600)
  await writeToHandle(handle, write).catch((thrown: NodeJS.ErrnoException) => {
    throw thrown.syscall === undefined || thrown instanceof DroverError ? thrown : unwritable(file, thrown)
  })
  io.stderr.write(`Wrote ${file}.\n`)
}

async function writeToHandle(handle: FileHandle, write: Write): Promise<void> {
  const stream = handle.createWriteStream()
  try {
    await write(stream)
    await finished(stream.end())
  } finally {
    stream.destroy()
  }
}

function unwritable(file: string, { code }: NodeJS.ErrnoException): DroverError {
  return new DroverError('usage-invalid', 'The file could not be written.', {
    where: file,
    why: code,
    remedy: 'Check that its directory exists and may be written to.',
  })
}
