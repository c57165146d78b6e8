import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { DroverError } from 'drover'

export const usage = `The reference migration, from generated data to a verified report.

  npm run demo
  npm run demo -- --scale m
  npm run demo -- --database-url postgresql://user:password@host:5432/empty_database

Options
  --scale s|m           10,000 or 1,000,000 metric values (default s)
  --seed N              another data set of the same kind (default 1)
  --database-url URL    an empty database on a server of yours (default: an embedded server)
  --workers N           workers of the run (default 2)
  --chunk-rows N        source rows a chunk (default 10000)
  --no-rehearsal        do not try everything in a scratch database first, its way back included
  --out DIRECTORY       where the report goes (default .drover/demo)

Environment
  DROVER_EXAMPLE_TOKEN_KEY   32 bytes in base64 that encrypt the Google tokens (default: a key for this run alone)`

export interface Settings {
  readonly scale: 's' | 'm'
  readonly seed: number
  /** An empty database on a server of one's own; undefined for an embedded one. */
  readonly databaseUrl: string | undefined
  /** Whether everything is tried in a scratch database first. */
  readonly rehearses: boolean
  /** Flags that `drover run` gets as they are. */
  readonly runFlags: readonly string[]
  /** An absolute path. */
  readonly out: string
  /** The key that encrypts tokens; undefined where the demo is to make one. */
  readonly tokenKey: string | undefined
}

/** How the demo was called. */
export interface Call {
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  /** The directory in which it was called. */
  readonly directory: string
}

interface Rule {
  readonly holds: (value: string) => boolean
  /** What the value must be. */
  readonly sentence: string
}

const positive: Rule = { holds: (value) => /^[1-9]\d{0,8}$/.test(value), sentence: 'a whole number above 0' }

/** The flags with a value. What they say never holds the value: it may be a password. */
const rules = {
  scale: { holds: (value) => /^[sm]$/.test(value), sentence: 's or m' },
  seed: { holds: (value) => /^\d{1,9}$/.test(value), sentence: 'a whole number of at most nine digits' },
  'database-url': {
    holds: isDatabaseUrl,
    sentence: 'postgresql://user:password@host:5432/database, with / ? # @ : in a password as %2F %3F %23 %40 %3A',
  },
  workers: positive,
  'chunk-rows': positive,
  out: { holds: (value) => value !== '', sentence: 'a directory' },
} as const satisfies Record<string, Rule>

type Flag = keyof typeof rules

/**
 * The settings that flags and environment give, or `help` where that is all that is asked for.
 *
 * @throws DroverError `usage-invalid` for the first thing that is wrong
 */
export function readSettings({ args, env, directory }: Call): Settings | 'help' {
  const strings = Object.keys(rules).map((name) => [name, { type: 'string' }] as const)
  const options = {
    ...Object.fromEntries(strings),
    help: { type: 'boolean', short: 'h' },
    'no-rehearsal': { type: 'boolean' },
  } as const
  // Not strict: the messages would quote what was given.
  const { values, positionals } = parseArgs({ args: [...args], options, strict: false, allowPositionals: true })
  if (values.help) return 'help'
  const unknown = Object.keys(values).find((name) => !Object.hasOwn(options, name))
  if (unknown !== undefined) throw wrong(`There is no flag ${unknown.length === 1 ? '-' : '--'}${unknown}.`)
  if (positionals.length > 0) throw wrong('The demo takes flags, and no other arguments.')

  const given = (flag: Flag): string | undefined => {
    const value = values[flag]
    if (value === undefined) return undefined
    if (typeof value === 'string' && rules[flag].holds(value)) return value
    throw wrong(`--${flag} must be ${rules[flag].sentence}.`)
  }
  const runFlag = (flag: 'workers' | 'chunk-rows') => {
    const value = given(flag)
    return value === undefined ? [] : [`--${flag}`, value]
  }
  const tokenKey = env.DROVER_EXAMPLE_TOKEN_KEY
  if (tokenKey !== undefined && Buffer.from(tokenKey, 'base64').length !== 32) {
    throw wrong('DROVER_EXAMPLE_TOKEN_KEY must be 32 bytes in base64, as openssl rand -base64 32 makes them.')
  }
  return {
    scale: given('scale') === 'm' ? 'm' : 's',
    seed: Number(given('seed') ?? '1'),
    databaseUrl: given('database-url'),
    runFlags: [...runFlag('workers'), ...runFlag('chunk-rows')],
    rehearses: values['no-rehearsal'] !== true,
    out: resolve(directory, given('out') ?? '.drover/demo'),
    tokenKey,
  }
}

/** An unescaped / in a password ends the host: what follows would be taken for the database's name. */
function isDatabaseUrl(value: string): boolean {
  if (!URL.canParse(value)) return false
  const { protocol, pathname } = new URL(value)
  return ['postgresql:', 'postgres:'].includes(protocol) && !pathname.includes('@')
}

function wrong(what: string): DroverError {
  return new DroverError('usage-invalid', what, { remedy: 'npm run demo -- --help shows the flags.' })
}
