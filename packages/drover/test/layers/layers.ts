/** The layers of the package, lowest first: a folder imports from its own and from lower layers only. */
export const layers: Readonly<Record<string, number>> = {
  codes: 0,
  sql: 0,
  define: 1,
  catalog: 1,
  adapters: 2,
  draft: 2,
  plan: 2,
  db: 3,
  ledger: 4,
  monitor: 5,
  run: 6,
  check: 6,
  landing: 6,
  verify: 6,
  duplicates: 6,
  repair: 7,
  report: 7,
  rollback: 7,
  rehearsal: 8,
  ending: 8,
  web: 8,
  cli: 9,
  testing: 10,
}

/** Folders that compute and never act: no driver, no clock, of Node no more than its hashes. */
export const pureFolders: readonly string[] = ['codes', 'sql', 'define', 'catalog', 'adapters', 'draft', 'plan']

/** One import of one file, by folder. */
export interface Import {
  readonly file: string
  readonly from: string
  /** A folder of the package, or the name of a module outside it. */
  readonly to: string
  readonly isOurs: boolean
}

/** The imports of a source text: `import`, `export … from`, and `import()`. */
export function importsOf(file: string, text: string): readonly Import[] {
  const from = folderOf(file)
  const specifiers = [...text.matchAll(/(?:\bfrom\s*|\bimport\s*\(?\s*)['"]([^'"]+)['"]/g)].map((match) => match[1]!)
  return specifiers.map((specifier) => {
    const isOurs = specifier.startsWith('.')
    const to = isOurs ? folderOf(new URL(specifier, `file:///${file}`).pathname.slice(1)) : specifier
    return { file, from, to, isOurs }
  })
}

/** Why an import is not allowed, or undefined. */
export function refusal({ from, to, isOurs }: Import): string | undefined {
  if (!isOurs) {
    const isEffect = to === 'pg' || to.startsWith('pg-') || (to.startsWith('node:') && to !== 'node:crypto')
    return isEffect && pureFolders.includes(from) ? `${from} is pure and imports ${to}` : undefined
  }
  if (to === from || to === '') return undefined
  if (from === 'embedded') return `embedded is a leaf and imports ${to}`
  if (to === 'embedded') return ['cli', 'testing'].includes(from) ? undefined : `${from} imports embedded`
  if (from === '') return ['codes', 'define', 'sql'].includes(to) ? undefined : `the package's entry imports ${to}`
  const [low, high] = [layers[to], layers[from]]
  if (low === undefined || high === undefined) return `${low === undefined ? to : from} is in no layer`
  return low < high ? undefined : `${from} (layer ${high}) imports ${to} (layer ${low})`
}

function folderOf(file: string): string {
  return file.includes('/') ? file.split('/')[0]! : ''
}
