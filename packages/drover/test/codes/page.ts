import { type Explanation, kinds } from '../../src/codes/kinds.ts'

/** docs/errors.md, made of the catalogues. */
export function errorsPage(): string {
  const contents = kinds.map(({ title }) => `- [${title}](#${anchorOf(title)})`)
  const sections = kinds.flatMap(({ title, met, entries }) => [
    `## ${title}`,
    met,
    ...Object.entries(entries).map(([code, entry]) => renderEntry(code, entry)),
  ])
  return `${[intro, contents.join('\n'), ...sections].join('\n\n')}\n`
}

const intro = `# Errors and other codes

<!-- Written by npm run docs:errors from packages/drover/src/codes. -->

An error on the screen says what happened, its code in brackets, then where, why and what helps:

\`\`\`
The source is already blocked by a run. [source-busy]
  where:  table legacy.clinics, trigger drover_frozen
  remedy: Finish or cancel that run first: see drover status.
\`\`\`

Here stands what holds for every error of a code; the error itself knows more. \`drover explain source-busy\` says the same in
the terminal. Exit codes: 1 the work failed, 2 the call was wrong, 130 it was interrupted. Names of rows are keys: no value of a
row is ever in a message.`

function renderEntry(code: string, { meaning, cause, remedy, exit }: Explanation['entry']): string {
  return [
    `### ${isName(code) ? code : `\`${code}\``}`,
    meaning,
    [
      `- **Cause.** ${cause}`,
      `- **Remedy.** ${remedy}`,
      ...(exit === undefined ? [] : [`- **Exit code.** ${exit}`]),
    ].join('\n'),
  ].join('\n\n')
}

/** Whether Markdown leaves the code as it is. */
function isName(code: string): boolean {
  return /^[\w -]+$/.test(code)
}

/** The anchor that a heading has on the page. */
export function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\w -]/g, '')
    .replaceAll(' ', '-')
}
