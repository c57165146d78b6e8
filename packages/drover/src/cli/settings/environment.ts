import type { Io } from '../io.ts'
import { type SettingKey, variableOf } from './key.ts'
import type { Mistake } from './mistake.ts'
import { nearest } from './nearest.ts'
import { furtherVariables, settings } from './table.ts'

/** What a variable says, and which one. */
export interface Named {
  readonly key: SettingKey
  readonly value: unknown
  readonly variable: string
}

/** The settings that the environment names, and what is wrong with some. A variable that is empty says nothing. */
export function readEnvironment(env: Io['env']): {
  readonly named: readonly Named[]
  readonly mistakes: readonly Mistake[]
} {
  const named: Named[] = []
  const mistakes: Mistake[] = []
  for (const [key, { type, commonVariable }] of Object.entries(settings)) {
    const variables = [variableOf(key), ...(commonVariable === undefined ? [] : [commonVariable])]
    const variable = variables.find((name) => (env[name] ?? '') !== '')
    if (variable === undefined) continue
    const value = type.read(env[variable]!)
    if (type.holds(value)) named.push({ key: key as SettingKey, value, variable })
    else {
      mistakes.push({
        what: `${variable} must ${type.mustText ?? type.must}.`,
        where: variable,
        remedy: `Set it to ${type.exampleText} for example, or unset it for the default.`,
      })
    }
  }
  return { named, mistakes }
}

/** A variable that begins as drover's do, is none of them, and the one that may have been meant. */
export interface UnknownVariable {
  readonly variable: string
  readonly meant: string | undefined
}

/** Those of the environment. */
export function unknownVariables(env: Io['env']): readonly UnknownVariable[] {
  const known = [
    ...Object.keys(settings).map((key) => ({
      name: variableOf(key),
      // People leave out the group of a setting.
      written: [key, key.slice(key.indexOf('.') + 1)].map((path) => bare(variableOf(path))),
    })),
    ...Object.keys(furtherVariables).map((name) => ({ name, written: [bare(name)] })),
  ]
  return Object.keys(env)
    .filter((name) => name.startsWith('DROVER_') && !known.some((variable) => variable.name === name))
    .sort()
    .map((variable) => ({ variable, meant: nearest(bare(variable), known) }))
}

/** Without the beginning that all have: two names are not alike for that. */
function bare(variable: string): string {
  return variable.replace(/^DROVER_/, '')
}
