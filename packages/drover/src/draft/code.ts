import { renderString } from '../catalog/identifiers.ts'

/** An expression of a migration as TypeScript, with the names that it needs of `drover`. */
export interface Code {
  readonly text: string
  /** Imported names, types as `type text`. */
  readonly uses: readonly string[]
}

/** A column of the row that a mapping reads: `b.title`. */
export function columnOf(alias: string, column: string): Code {
  const isPlain = /^[A-Za-z_$][\w$]*$/.test(column)
  return { text: isPlain ? `${alias}.${column}` : `${alias}[${renderString(column)}]`, uses: [] }
}

/** A call of a helper of `drover`. Arguments that are text stand as they are. */
export function call(helper: string, ...args: readonly (Code | string)[]): Code {
  const texts = args.map((arg) => (typeof arg === 'string' ? arg : arg.text))
  const uses = args.flatMap((arg) => (typeof arg === 'string' ? [] : arg.uses))
  return { text: `${helper}(${texts.join(', ')})`, uses: [helper, ...uses] }
}

/** SQL over an expression: `before` and `after` stand around it. */
export function sqlOf(type: string, x: Code, after: string, before = ''): Code {
  return { text: `sql<${type}>\`${before}\${${x.text}}${after}\``, uses: ['sql', `type ${type}`, ...x.uses] }
}

/** The expression with what is decided about its failure: `.orNull()`. */
export function decided({ text, uses }: Code, decision: string): Code {
  return { text: `${text}.${decision}`, uses }
}

/** Several expressions as a list. */
export function listOf(items: readonly Code[]): Code {
  return { text: `[${items.map(({ text }) => text).join(', ')}]`, uses: items.flatMap(({ uses }) => uses) }
}
