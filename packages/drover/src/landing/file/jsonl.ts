import { DroverError } from '../../error.ts'
import { type FileIdentity, readBytes } from './read-file.ts'

/** What a first reading of a JSONL file tells. */
export interface JsonlSurvey extends FileIdentity {
  /** The names in all of its objects, in the order in which they come first. */
  readonly names: readonly string[]
  /** Objects. */
  readonly rows: number
}

/**
 * Reads all lines of a file, each of them an object; blank ones are passed over.
 *
 * @throws DroverError `file-refused` with the line's number, or `usage-invalid` where it cannot be read.
 */
export async function surveyJsonl(path: string): Promise<JsonlSurvey> {
  const names = new Set<string>()
  let [rows, number] = [0, 0]
  let identity: FileIdentity | undefined
  for await (const line of linesOf(readBytes(path, (file) => (identity = file)))) {
    number++
    if (line.trim() === '') continue
    rows++
    for (const name of Object.keys(parseObject(line, `${path}, line ${number}`))) names.add(name)
  }
  return { ...identity!, names: [...names], rows }
}

/** The same bytes without carriage returns, of which a JSON text has none but between its parts. */
export async function* withoutReturns(bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  for await (const chunk of bytes) yield chunk.includes(13) ? Buffer.from(chunk.filter((byte) => byte !== 13)) : chunk
}

/** Lines as the server cuts them; the separators that JavaScript knows beside may stand inside of a JSON text. */
async function* linesOf(bytes: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8')
  let rest = ''
  for await (const chunk of bytes) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = lines.pop()!
    yield* lines
  }
  rest += decoder.decode()
  if (rest !== '') yield rest
}

/** The message of the parser quotes the line (I8): its number is told alone. */
function parseObject(line: string, where: string): object {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    throw refused('A line of the file is not JSON.', where)
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  throw refused('A line of the file is not an object.', where)
}

function refused(what: string, where: string): DroverError {
  return new DroverError('file-refused', what, {
    where,
    remedy: 'Write an object on each line, such as {"id": 1, "name": "x"}.',
  })
}
