import { readFile } from 'node:fs/promises'
import pg from 'pg'
import { asDroverError } from '../db/server-error.ts'
import type { TestDatabase } from './database.ts'

/** SQL text, the file of a script, or what else makes a schema: a function that calls the application's own tool. */
export type SetupStep = string | URL | ((database: TestDatabase) => unknown)

/**
 * Carries out the steps in order, each script on a connection of its own: what one sets, such as `search_path`, is not
 * for the next.
 *
 * @throws DroverError `statement-failed` naming the step; what a function throws passes unchanged.
 */
export async function carryOutSetup(database: TestDatabase, steps: readonly SetupStep[]): Promise<void> {
  for (const [i, step] of steps.entries()) {
    if (typeof step === 'function') await step(database)
    else await runScript(database.url, step, i + 1)
  }
}

async function runScript(url: string, step: string | URL, number: number): Promise<void> {
  const text = typeof step === 'string' ? step : withoutRestriction(await readFile(step, 'utf8'))
  const client = new pg.Client({ connectionString: url, application_name: 'drover testing' })
  await client.connect()
  try {
    await client.query(text)
  } catch (thrown) {
    const place = typeof step === 'string' ? `step ${number}` : `step ${number}, ${step.pathname}`
    throw asDroverError(thrown, 'statement-failed', 'A step of the set-up failed.', `${place}${lineOf(thrown, text)}`)
  } finally {
    await client.end()
  }
}

/** pg_dump writes two commands around its script that only psql knows. */
function withoutRestriction(script: string): string {
  return script.replace(/^\\(un)?restrict .*$/gm, '')
}

/** The server tells where it stumbled as a count of characters. */
function lineOf(thrown: unknown, text: string): string {
  const position = Number((thrown as { position?: string }).position)
  return position > 0 ? `, line ${[...text].slice(0, position).filter((c) => c === '\n').length + 1}` : ''
}
