import { CsvError, parse } from 'csv-parse'
import { DroverError } from '../../error.ts'
import { readBytes } from './read-file.ts'

/**
 * The names in the first record of a CSV file.
 *
 * @throws DroverError `file-refused`, or `usage-invalid` where it cannot be read.
 */
export async function readCsvHeader(path: string): Promise<readonly string[]> {
  const parser = parse({ bom: true, to: 1 })
  // It is told below, when the record is asked for.
  parser.on('error', () => {})
  for await (const chunk of readBytes(path, () => {})) {
    parser.write(chunk)
    // What comes after the header is for the server.
    if (parser.readableLength > 0 || parser.destroyed) break
  }
  parser.end()
  try {
    for await (const record of parser as AsyncIterable<readonly string[]>) return record
  } catch (thrown) {
    if (!(thrown instanceof CsvError)) throw thrown
    throw new DroverError('file-refused', 'The header of the file is no record of CSV.', {
      where: path,
      why: thrown.code,
      remedy: 'Separate the names by commas, and quote those that hold a comma or a quote.',
      cause: thrown,
    })
  }
  throw new DroverError('file-refused', 'The file has no header.', {
    where: path,
    remedy: 'Its first line has to name the columns.',
  })
}

/**
 * The same bytes, if no line is `\.` alone: servers before PostgreSQL 18 take a file to end there, and say nothing of what
 * comes after.
 *
 * @throws DroverError `file-refused`
 */
export async function* withoutEndMarker(bytes: AsyncIterable<Buffer>, path: string): AsyncGenerator<Buffer> {
  let tail = '\n'
  for await (const chunk of bytes) {
    const text = tail + chunk.toString('latin1')
    refuseMarker(text, path)
    tail = text.slice(-4)
    yield chunk
  }
  refuseMarker(`${tail}\n`, path)
}

function refuseMarker(text: string, path: string): void {
  if (!/\n\\\.\r?\n/.test(text)) return
  throw new DroverError('file-refused', 'A line of the file is \\. alone, which a server may take for its end.', {
    where: path,
    remedy: 'Take the line out, or let its value stand beside others on one line.',
  })
}
