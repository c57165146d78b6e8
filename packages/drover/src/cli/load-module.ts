import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { DroverError } from '../error.ts'
import { describeLoadFailure, type ModuleKind, placeOf } from './load-failure.ts'

/** Failures of Node's own loader that a transpiler can do something about. */
const untranspiled = new Set([
  'ERR_UNKNOWN_FILE_EXTENSION',
  'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX',
  'ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING',
  'ERR_NO_TYPESCRIPT',
])

/**
 * What a file of the user exports as default; undefined where it exports none. Node loads the file itself where it can;
 * jiti where Node strips no types or meets TypeScript that must be rewritten, and where imports leave out their extension.
 *
 * @throws DroverError of the kind's code with the file, the line if known, and the remedy; a DroverError that the file
 * itself throws passes unchanged.
 */
export async function loadDefault(file: string, kind: ModuleKind): Promise<unknown> {
  await requireFile(file, kind)
  const module = await importModule(resolve(file)).catch((thrown: unknown) => {
    throw describeLoadFailure(thrown, file, kind)
  })
  return module.default
}

/** @throws DroverError of the kind's code where the file does not exist, or is none. */
export async function requireFile(file: string, { noun, code }: ModuleKind): Promise<void> {
  const found = await stat(resolve(file)).catch(() => undefined)
  if (found?.isFile()) return
  throw new DroverError(code, found === undefined ? `The ${noun} does not exist.` : `The ${noun} is not a file.`, {
    where: file,
    remedy: 'Check the path; it is taken from the directory in which drover is called.',
  })
}

type Module = Readonly<Record<string, unknown>>

async function importModule(path: string): Promise<Module> {
  try {
    return await import(pathToFileURL(path).href)
  } catch (thrown) {
    if (!isForJiti(thrown)) throw thrown
    const { createJiti } = await import('jiti')
    const jiti = createJiti(import.meta.url, { fsCache: false, moduleCache: false })
    return await jiti.import<Module>(path).catch((second: unknown) => {
      // What Node cannot find jiti may find; where both fail, the one that knows the line tells more.
      throw placeOf(second) === undefined ? thrown : second
    })
  }
}

/** Whether jiti may do better. Node gives no line for a syntax error in JavaScript: jiti's parser does. */
function isForJiti(thrown: unknown): boolean {
  if (!(thrown instanceof Error)) return false
  const { code } = thrown as NodeJS.ErrnoException
  if (code === 'ERR_MODULE_NOT_FOUND') return thrown.message.startsWith('Cannot find module')
  return untranspiled.has(code ?? '') || (thrown instanceof SyntaxError && placeOf(thrown) === undefined)
}
