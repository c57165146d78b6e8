import type { Config, MemorySizes, ServerLimits, TimeLimits } from '../config.ts'

/** What is wrong with one setting of a config file. */
export interface Mistake {
  /** A sentence with the key and the file, and never the value: it may hold a password. */
  readonly what: string
  readonly remedy: string
}

interface Check {
  readonly must: string
  readonly example: string
  readonly holds: (value: unknown) => boolean
}
interface Shape {
  readonly [key: string]: Check | Shape
}

const isNumber = (value: unknown, least: number, most: number): value is number =>
  typeof value === 'number' && value >= least && value <= most

/** What the server takes for a timeout. */
const ms: Check = {
  must: 'be a whole number of milliseconds above 0',
  example: '60_000',
  holds: (value) => Number.isInteger(value) && isNumber(value, 1, 2 ** 31 - 1),
}
const limit: Check = {
  must: 'be a number from 0 up, or null for no limit',
  example: '10',
  holds: (value) => value === null || isNumber(value, 0, Number.MAX_VALUE),
}

const size: Check = {
  must: "be a size from '1MB' to '2047GB'",
  example: "'64MB'",
  holds: (value) =>
    typeof value === 'string' && /^([1-9]\d{0,5}MB|([1-9]\d{0,2}|1\d{3}|20[0-3]\d|204[0-7])GB)$/.test(value),
}

const memory: Readonly<Record<keyof MemorySizes, Check>> = { workMem: size, maintenanceWorkMem: size }
const timeLimits: Readonly<Record<keyof TimeLimits, Check>> = {
  chunkStatementMs: ms,
  stepStatementMs: ms,
  lockMs: ms,
  idleMs: ms,
  silenceMs: {
    must: 'be a whole number of milliseconds from 2,000 up',
    example: '20_000',
    holds: (value) => Number.isInteger(value) && isNumber(value, 2_000, 2 ** 31 - 1),
  },
}
const serverLimits: Readonly<Record<keyof ServerLimits, Check>> = {
  replicationLagSeconds: limit,
  blockedSessions: limit,
  activeSessions: limit,
  walBytesPerSecond: limit,
  databaseBytes: limit,
  chunkMs: limit,
}
const settings: Readonly<Record<keyof Config, Check | Shape>> = {
  databaseUrl: {
    must: 'be a text',
    example: 'process.env.MY_DATABASE_URL',
    holds: (value) => typeof value === 'string',
  },
  sourceUrl: {
    must: 'be a text',
    example: 'process.env.MY_SOURCE_URL',
    holds: (value) => typeof value === 'string',
  },
  landAs: {
    must: 'be an object of names of schemas',
    example: "{ public: 'legacy' }",
    holds: (value) => isObject(value) && Object.values(value).every((name) => typeof name === 'string'),
  },
  serverLimits,
  limits: timeLimits,
  workers: {
    must: 'be a whole number above 0',
    example: '4',
    holds: (value) => Number.isInteger(value) && isNumber(value, 1, 1_000_000_000),
  },
  chunkSeconds: {
    must: 'be a number of seconds above 0, at most a day',
    example: '0.5',
    holds: (value) => isNumber(value, 0.001, 86_400),
  },
  chunkBytes: {
    must: 'be a whole number of bytes above 0',
    example: '64 * 1024 ** 2',
    holds: (value) => Number.isInteger(value) && isNumber(value, 1, Number.MAX_SAFE_INTEGER),
  },
  asyncCommit: { must: 'be true or false', example: 'true', holds: (value) => typeof value === 'boolean' },
  memory,
  maxQuarantined: {
    must: "be a number of rows, or a percentage up to '100%'",
    example: "'0.5%'",
    holds: (value) =>
      typeof value === 'number'
        ? Number.isInteger(value) && isNumber(value, 0, 999_999_999)
        : /^\d{1,3}(\.\d{1,6})?%$/.test(String(value)) && Number.parseFloat(String(value)) <= 100,
  },
}

/** What of the default export of `file` is no {@link Config}. A key whose value is undefined is one that is left out. */
export function mistakesOf(value: object, file: string): readonly Mistake[] {
  return mistakesIn(value, { shape: settings, file, under: '' })
}

/** Where in a config file one is: `under` is the path to the keys that `shape` lists, with its last dot. */
interface Place {
  readonly shape: Shape
  readonly file: string
  readonly under: string
}

function mistakesIn(value: object, { shape, file, under }: Place): readonly Mistake[] {
  return Object.entries(value).flatMap(([name, setting]): readonly Mistake[] => {
    const key = `${under}${name}`
    const check = Object.hasOwn(shape, name) ? shape[name] : undefined
    if (check === undefined) {
      const known = Object.keys(shape).join(', ')
      return [
        {
          what: `${file} has a setting ${key}, which drover does not know.`,
          remedy: `Those that there are: ${known}.`,
        },
      ]
    }
    if (setting === undefined) return []
    if (isCheck(check)) {
      if (check.holds(setting)) return []
      const remedy = `Write for example ${name}: ${check.example}, or leave it out for the default.`
      return [{ what: `The setting ${key} in ${file} must ${check.must}.`, remedy }]
    }
    if (isObject(setting)) return mistakesIn(setting, { shape: check, file, under: `${key}.` })
    const remedy = `Write ${name}: { … } with some of: ${Object.keys(check).join(', ')}.`
    return [{ what: `The setting ${key} in ${file} must be an object.`, remedy }]
  })
}

/** Whether a value is an object with names, and no list. */
export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isCheck(check: Check | Shape): check is Check {
  return typeof check.holds === 'function'
}
