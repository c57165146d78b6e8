import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { DroverError } from '../../error.ts'

/** By what a file is known again. */
export interface FileIdentity {
  readonly bytes: number
  readonly sha256: string
}

/**
 * The bytes of a file, as they are asked for; `onEnd` is told of what there was.
 *
 * @throws DroverError `usage-invalid` where it cannot be read.
 */
export async function* readBytes(path: string, onEnd: (file: FileIdentity) => void): AsyncGenerator<Buffer> {
  const hash = createHash('sha256')
  let bytes = 0
  const stream = createReadStream(path, { highWaterMark: 256 * 1024 })
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      hash.update(chunk)
      bytes += chunk.length
      yield chunk
    }
  } catch (thrown) {
    throw unreadable(path, thrown)
  } finally {
    stream.destroy()
  }
  onEnd({ bytes, sha256: hash.digest('hex') })
}

/** Reads all of a file, and keeps nothing of it. Throws as {@link readBytes}. */
export async function identify(path: string): Promise<FileIdentity> {
  let identity: FileIdentity | undefined
  for await (const _ of readBytes(path, (file) => (identity = file)));
  return identity!
}

function unreadable(path: string, thrown: unknown): unknown {
  const { code } = thrown as NodeJS.ErrnoException
  if (typeof code !== 'string' || !('syscall' in (thrown as object))) return thrown
  return new DroverError('usage-invalid', 'The file cannot be read.', {
    where: path,
    why: code,
    remedy: 'Check its name and that it may be read.',
    cause: thrown,
  })
}
