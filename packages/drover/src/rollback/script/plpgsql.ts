import { sql } from 'kysely'
import type { ScriptCode } from '../../codes/script-codes.ts'
import { compile } from '../../sql/compile.ts'

// The parts of PL/pgSQL that a reversal script is made of.

/** A text between dollar signs, on lines of its own, whatever it holds. */
export function dollarQuoted(text: string, tag: string): string {
  let free = tag
  for (let n = 2; text.includes(`$${free}$`); n++) free = `${tag}${n}`
  return `$${free}$\n${text}\n$${free}$`
}

/** A value as a literal. */
export function literal(value: string | number | bigint | boolean | null): string {
  return compile(sql.lit(value).toOperationNode())
}

/** Rows of literals, for `values`; every list of a script has at least one. */
export function valueRows(rows: readonly (readonly (string | number | boolean | null)[])[]): string {
  return rows.map((row) => `(${row.map(literal).join(', ')})`).join(',\n      ')
}

/** Where the result of a statement goes, and what it is given. */
export interface Execution {
  /** Variables that take the columns of the first row. */
  readonly into?: string
  /** The parameters, `$1` first. Default the run alone. */
  readonly using?: readonly string[]
}

/** Carries out a statement of drover, as it is. */
export function execute(statement: string, { into, using = ['this_run'] }: Execution = {}): string {
  return `  execute ${dollarQuoted(statement, 'sql')}${into === undefined ? '' : ` into ${into}`} using ${using.join(', ')};`
}

/** An anonymous block over the run, `this_run`. */
export function block(runId: string, declarations: readonly string[], body: readonly string[]): string {
  const declared = [`this_run constant bigint := ${literal(BigInt(runId))}`, ...declarations]
  const text = ['declare', ...declared.map((each) => `  ${each};`), 'begin', ...body, 'end']
  return `do ${dollarQuoted(text.join('\n'), 'drover')};`
}

/** Lines of comment of at most `width` characters, each behind `indent` and two dashes. */
export function comment(text: string, indent = '', width = 100): string {
  const lines: string[] = []
  let line = ''
  // A line break in a name must not end the comment.
  for (const word of text.split(/[ \r\n]+/)) {
    if (line !== '' && `${indent}-- ${line} ${word}`.length > width) {
      lines.push(line)
      line = word
    } else {
      line = line === '' ? word : `${line} ${word}`
    }
  }
  return [...lines, line].map((each) => `${indent}-- ${each}`.trimEnd()).join('\n')
}

/** A comment within a block. */
export function note(text: string): string {
  return comment(text, '  ')
}

/** An error that the script raises. */
export interface Failure {
  readonly errcode: ScriptCode
  /** SQL expressions, each a text. */
  readonly message: string
  readonly detail?: string
  readonly hint?: string
}

/** Ends the script with an error. */
export function raise({ errcode, message, detail, hint }: Failure, indent = '    '): string {
  const options = [
    `errcode = ${literal(errcode)}`,
    `message = ${message}`,
    ...(detail === undefined ? [] : [`detail = ${detail}`]),
    ...(hint === undefined ? [] : [`hint = ${hint}`]),
  ]
  return `${indent}raise exception using\n${options.map((each) => `${indent}  ${each}`).join(',\n')};`
}
