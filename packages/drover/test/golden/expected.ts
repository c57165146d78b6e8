import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { expect } from 'vitest'

/** With it, the expected files are written from what comes out; review them like code. */
export const isUpdating = process.env.UPDATE_GOLDEN === '1'

const written = new Set<string>()

/**
 * Compares a text with the expected file of a case, which must exist. While expected files are updated, the first text
 * for a file is written; the later ones, of other variants, are compared with it.
 */
export async function expectFile(
  golden: { readonly name: string; readonly folder: string },
  file: string,
  actual: string,
): Promise<void> {
  const path = `${golden.folder}${file}`
  if (isUpdating && !written.has(path)) {
    written.add(path)
    await writeFile(path, actual)
    return
  }
  if (!existsSync(path)) {
    throw new Error(`cases/${golden.name} has no ${file}. UPDATE_GOLDEN=1 writes it.`)
  }
  expect(actual, `cases/${golden.name}/${file}`).toBe(await readFile(path, 'utf8'))
}
