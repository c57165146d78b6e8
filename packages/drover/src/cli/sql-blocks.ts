/** What a statement is for, where it does not say so itself, and the statement, if the mapping has it. */
export type Step = readonly [string | null, string | null]

/** One transaction: a title, and the steps that there are. */
export function block(title: string, steps: readonly Step[]): readonly string[] {
  const present = steps.filter(([, statement]) => statement !== null)
  return [
    `-- ${title}`,
    'begin;',
    ...present.map(([why, statement]) => `${why === null ? '' : `-- ${why}\n`}${statement};`),
    'commit;\n',
  ]
}

/** Lines set apart from the SQL. */
export function comment(lines: readonly string[]): string {
  const rule = `-- ${'='.repeat(97)}`
  return [rule, ...lines.map((line) => `-- ${line}`.trimEnd()), rule].join('\n')
}
