import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Programs that drover is measured against, and what brings them to a Debian system. */
const packages = {
  psql: 'postgresql-client',
  pgloader: 'pgloader',
  pgcopydb: 'pgcopydb',
  pg_comparator: 'postgresql-comparator',
} as const

export type Tool = keyof typeof packages

export function isInstalled(tool: Tool): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, tool), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

/** A line for each of the tools that is not there: what it is for, and how to install it. */
export function missingTools(tools: readonly Tool[]): readonly string[] {
  return tools.filter((tool) => !isInstalled(tool)).map((tool) => `${tool}. apt-get install ${packages[tool]}`)
}
