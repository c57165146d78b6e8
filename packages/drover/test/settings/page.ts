import { variableOf } from '../../src/cli/settings/key.ts'
import { furtherVariables, type Setting, settings } from '../../src/cli/settings/table.ts'

/** docs/configuration.md */
export const page = new URL('../../../../docs/configuration.md', import.meta.url)

/** The page with what is made of the table of settings in its place: between the comments that name it. */
export function withTables(text: string): string {
  return withBlock(withBlock(text, 'settings', settingsTables()), 'variables', variablesTable())
}

function withBlock(text: string, name: string, content: string): string {
  const [begin, end] = [`<!-- ${name}: written by npm run docs:settings -->`, `<!-- end of ${name} -->`]
  const [before, after] = [text.split(begin)[0]!, text.split(end)[1]]
  if (after === undefined) throw new Error(`The page has no place for ${name}.`)
  return `${before}${begin}\n\n${content}\n\n${end}${after}`
}

/** The group of a setting, and what a reader asks of it. */
const headings: Readonly<Record<string, string>> = {
  '': 'What is worked on, and how',
  memory: '`memory`: what sorts and index builds take',
  limits: '`limits`: how long things may take',
  serverLimits: '`serverLimits`: when a run holds itself back',
}

function settingsTables(): string {
  return Object.entries(headings)
    .flatMap(([group, heading]) => {
      const rows = Object.entries(settings).filter(([key]) => (key.includes('.') ? key.split('.')[0]! : '') === group)
      return [
        `### ${heading}`,
        [
          '| setting | takes | default | variable | flag | commands |',
          '| --- | --- | --- | --- | --- | --- |',
          ...rows.map(([key, setting]) => renderRow(key, setting)),
        ].join('\n'),
      ]
    })
    .join('\n\n')
}

function renderRow(key: string, setting: Setting): string {
  const { type, meaning, commands, flag, commonVariable } = setting
  const variables = [variableOf(key), ...(commonVariable === undefined ? [] : [commonVariable])]
  const cells = [
    `\`${key}\`<br>${meaning}`,
    `${type.words}: \`${type.exampleText}\``,
    renderDefault(setting),
    variables.map((name) => `\`${name}\``).join(', else '),
    flag === undefined ? '' : `\`${flag}\``,
    commands,
  ]
  return `| ${cells.join(' | ')} |`.replaceAll('|  |', '| |')
}

/** What holds where nothing is said. */
export function renderDefault({ otherwise, default: value }: Setting): string {
  if (otherwise !== undefined) return otherwise
  if (value === null) return 'no limit'
  return typeof value === 'number' ? value.toLocaleString('en-US') : String(value)
}

function variablesTable(): string {
  return [
    '| variable | says |',
    '| --- | --- |',
    ...Object.entries(furtherVariables).map(([name, says]) => `| \`${name}\` | ${says} |`),
  ].join('\n')
}
