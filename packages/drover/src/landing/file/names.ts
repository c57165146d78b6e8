import { DroverError } from '../../error.ts'

/** What a table of the server can have at most. */
const columnsAtMost = 1600
const bytesAtMost = 63

/**
 * The names, if a table can have columns of them.
 *
 * @throws DroverError `file-refused`
 */
export function requireColumns(names: readonly string[], path: string): readonly string[] {
  const twice = names.filter((name, i) => names.indexOf(name) !== i)
  const findings = [
    ...(names.length === 0 ? ['there is no column'] : []),
    ...(names.includes('') ? ['a column has no name'] : []),
    ...[...new Set(twice)].map((name) => `the column ${name} is there twice`),
    ...names
      .filter((name) => Buffer.byteLength(name) > bytesAtMost)
      .map((name) => `the name ${name} is longer than ${bytesAtMost} bytes`),
    ...(names.length > columnsAtMost ? [`there are more than ${columnsAtMost} columns`] : []),
  ]
  if (findings.length === 0) return names
  throw new DroverError('file-refused', 'The file cannot become a table.', {
    where: path,
    findings,
    remedy: 'Give each column a name of its own.',
  })
}
