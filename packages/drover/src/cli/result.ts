import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { DroverError } from '../error.ts'
import type { Io } from './io.ts'

/**
 * Writes a command's result to the file, or to stdout where none is named.
 *
 * @throws DroverError `usage-invalid` where the file cannot be written.
 */
export async function writeResult(io: Io, text: string, file: string | undefined): Promise<void> {
  const content = text.endsWith('\n') ? text : `${text}\n`
  if (file === undefined) {
    io.stdout.write(content)
    return
  }
  await writeFile(resolve(file), content).catch((thrown: NodeJS.ErrnoException) => {
    throw new DroverError('usage-invalid', 'The file could not be written.', {
      where: file,
      why: thrown.code,
      remedy: 'Check that its directory exists and may be written to.',
    })
  })
  io.stderr.write(`Wrote ${file}.\n`)
}

/** JSON for people and programs; an int8 is text, because a JavaScript number cannot hold it. */
export function renderJsonValue(value: unknown): string {
  return JSON.stringify(value, int8AsText, 2)
}

/** The same on one line, for a stream of events. */
export function renderJsonLine(value: unknown): string {
  return JSON.stringify(value, int8AsText)
}

function int8AsText(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value
}
