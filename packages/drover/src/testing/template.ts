import { makeDatabase } from './database.ts'
import { carryOutSetup, type SetupStep } from './setup.ts'

interface Template {
  readonly server: string
  readonly steps: readonly SetupStep[]
  readonly name: Promise<string>
}

/** Those of this process: a test file asks for the same set-up once a test. They are dropped with its databases. */
const templates: Template[] = []

/** The database to copy where these steps are asked for; they are carried out the first time. */
export function templateOf(server: string, steps: readonly SetupStep[]): Promise<string> {
  const known = templates.find((template) => template.server === server && sameSteps(template.steps, steps))
  if (known !== undefined) return known.name
  const template = { server, steps, name: make(server, steps) }
  templates.push(template)
  // One that failed may succeed another time.
  template.name.catch(() => templates.splice(templates.indexOf(template), 1))
  return template.name
}

async function make(server: string, steps: readonly SetupStep[]): Promise<string> {
  const database = await makeDatabase(server)
  try {
    await carryOutSetup(database, steps)
  } catch (thrown) {
    await database.drop()
    throw thrown
  }
  await database.disconnect()
  return database.name
}

function sameSteps(one: readonly SetupStep[], other: readonly SetupStep[]): boolean {
  const same = (a: SetupStep, b: SetupStep | undefined) =>
    a === b || (a instanceof URL && b instanceof URL && a.href === b.href)
  return one.length === other.length && one.every((step, i) => same(step, other[i]))
}
