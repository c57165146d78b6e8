import { renderPropertyKey, renderString } from '../catalog/identifiers.ts'

/** A config file with nothing secret in it. */
export function renderConfig({
  landAs,
  isElsewhere,
}: {
  /** Schemas of the source that have another name in the target. */
  readonly landAs: ReadonlyMap<string, string>
  /** Whether the source is another database. */
  readonly isElsewhere: boolean
}): string {
  const renamed = [...landAs].map(([from, to]) => `${renderPropertyKey(from)}: ${renderString(to)}`)
  return [
    "import type { Config } from 'drover'",
    '',
    '// Connection strings come from the environment: DROVER_DATABASE_URL is the target' +
      (isElsewhere ? ', DROVER_SOURCE_URL the source.' : '.'),
    '// What else can be set: drover config.',
    'export default {',
    '  workers: 2,',
    ...(renamed.length === 0 ? [] : [`  landAs: { ${renamed.join(', ')} },`]),
    '} satisfies Config',
    '',
  ].join('\n')
}
