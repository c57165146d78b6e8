import { randomBytes } from 'node:crypto'
import { type Command, InvalidArgumentError } from 'commander'
import { DroverError } from '../../error.ts'
import { configOption, readConfig } from '../config-file.ts'
import { type DatabaseFlags, databaseOption, databaseUrl, openNamed } from '../database.ts'
import { exitCodes } from '../exit.ts'
import { describeFailure } from '../failure.ts'
import type { Io } from '../io.ts'
import { requireMigrationFile } from '../load-migration.ts'

interface ServeFlags extends DatabaseFlags {
  readonly port?: number
  readonly allowControl?: true
  readonly showValues?: true
}

/** `drover serve`: a page that shows runs as they go on. */
export function defineServe(command: Command, io: Io): void {
  command
    .description(
      'Serves a page to this machine that shows the runs of a database: how far each is, who works on it, what it waits for, what was set aside and why. Opens with the address that it prints, which holds a secret. Ends with Ctrl-C; runs go on.',
    )
    .argument(
      '[migration]',
      'the migration file, where rows of a plan that runs JavaScript are mended, or its run resumed',
    )
    .addOption(databaseOption())
    .addOption(configOption())
    .option('--port <number>', 'the port (default: a free one)', portNumber)
    .option('--allow-control', 'pause, resume and cancel runs, and mend rows, from the page (default: it only reads)')
    .option('--show-values', 'values as they are, but those of columns that the migration calls personal or secret')
    .addHelpText(
      'after',
      `
The page can be reached from this machine alone. To see it from another one: ssh -L 4000:localhost:4000 host, and
--port 4000 there.

Where DROVER_SERVE_TOKEN is set to a secret of at least 32 letters, digits, - or _, the address holds that one: with a
--port too, a page that is open goes on after a restart.

Examples:
  $ drover serve
  $ drover serve migration.ts --port 4000 --allow-control`,
    )
    .action(async (file: string | undefined, flags: ServeFlags) => {
      if (file !== undefined) await requireMigrationFile(file)
      await servePage(file, flags, io)
    })
}

async function servePage(file: string | undefined, flags: ServeFlags, io: Io): Promise<void> {
  const token = tokenOf(io.env)
  const db = await openNamed(flags, io, { applicationName: 'drover serve', connections: 6 })
  try {
    // The page, the planner and the report are most of the program: help and wrong flags do not wait for them.
    const { serve } = await import('../../web/serve.ts')
    const { functionsOfRun } = await import('../functions-of-file.ts')
    const { startsWorkers } = await import('../start-workers.ts')
    const url = databaseUrl(flags, await readConfig(flags, io.env))
    const serving = await serve(
      {
        db,
        token,
        allowsControl: flags.allowControl ?? false,
        showsValues: flags.showValues ?? false,
        start: startsWorkers({ io, databaseUrl: url, file, config: flags.config }),
        functionsOf: (run) => functionsOfRun(run, file),
        onBug: (thrown) => void io.stderr.write(`${describeFailure(thrown, 'stack').text}\n`),
      },
      flags.port ?? 0,
    )
    io.stdout.write(`${serving.address}\n`)
    const may = flags.allowControl ? 'Runs can be paused and rows mended from it' : 'It only reads'
    io.stderr.write(`The page of ${db.label} opens with this address. ${may}. Ctrl-C ends it.\n`)
    await interrupted(io)
    for (const what of serving.underWay()) io.stderr.write(`Not waited for: ${what}\n`)
    await serving.close()
  } finally {
    db.close().catch(() => {})
  }
  // Whatever the page still asks of the database is let go: the server takes back what is not committed.
  io.exitNow(exitCodes.done)
}

function interrupted(io: Io): Promise<void> {
  return new Promise((resolve) => void io.onInterrupt(resolve))
}

function tokenOf(env: Io['env']): string {
  const given = env.DROVER_SERVE_TOKEN
  if (given === undefined || given === '') return randomBytes(32).toString('base64url')
  if (/^[\w-]{32,}$/.test(given)) return given
  throw new DroverError('usage-invalid', 'The secret of the page can be guessed, or does not fit into an address.', {
    where: 'DROVER_SERVE_TOKEN',
    remedy: 'Set it to at least 32 letters, digits, - or _, such as openssl rand -hex 32 gives.',
  })
}

function portNumber(value: string): number {
  const port = Number(value)
  if (/^\d{1,5}$/.test(value) && port > 0 && port < 65_536) return port
  throw new InvalidArgumentError('It must be a port: a whole number from 1 to 65535.')
}
