/** What values a setting takes, in a config file and as text: in an environment variable or after a flag. */
export interface SettingType<T = unknown> {
  /** What a value is, for the table of settings. */
  readonly words: string
  /** Ends the sentence "It must …". */
  readonly must: string
  /** The same of a text, where that is written otherwise. */
  readonly mustText?: string
  /** As it is written in a config file, and as text. */
  readonly example: string
  readonly exampleText: string
  holds(value: unknown): value is T
  /** The value that a text stands for, which may hold or not. */
  read(text: string): unknown
}

const isWithin = (value: unknown, least: number, most: number): value is number =>
  typeof value === 'number' && value >= least && value <= most

const isWholeWithin = (value: unknown, least: number, most: number): value is number =>
  Number.isInteger(value) && isWithin(value, least, most)

/** Digits alone: `Number` also takes `0x1F`, `1e3` and white space. */
const readNumber = (text: string): unknown => (/^\d+(\.\d+)?$/.test(text) ? Number(text) : undefined)

/** A whole number from 1 to a billion. */
export const wholeNumber: SettingType<number> = {
  words: 'whole number',
  must: 'be a whole number above 0',
  example: '4',
  exampleText: '4',
  holds: (value) => isWholeWithin(value, 1, 1_000_000_000),
  read: (text) => (/^\d+$/.test(text) ? Number(text) : undefined),
}

/** Seconds, up to a day. */
export const seconds: SettingType<number> = {
  words: 'seconds',
  must: 'be a number of seconds above 0, at most a day',
  example: '0.5',
  exampleText: '0.5',
  // What is less is no millisecond.
  holds: (value) => isWithin(value, 0.0005, 86_400),
  read: readNumber,
}

/** A whole number of milliseconds that the server takes for a timeout. */
export const milliseconds: SettingType<number> = {
  words: 'milliseconds',
  must: 'be a whole number of milliseconds above 0',
  example: '60_000',
  exampleText: '60000',
  holds: (value) => isWholeWithin(value, 1, 2 ** 31 - 1),
  read: readNumber,
}

/** Milliseconds for which the network may be silent: less than two seconds would take a pause for a loss. */
export const silence: SettingType<number> = {
  ...milliseconds,
  must: 'be a whole number of milliseconds from 2,000 up',
  example: '20_000',
  exampleText: '20000',
  holds: (value) => isWholeWithin(value, 2_000, 2 ** 31 - 1),
}

/** A size in memory or on a disk. */
export const bytes: SettingType<number> = {
  words: 'bytes',
  must: 'be a whole number of bytes above 0',
  example: '64 * 1024 ** 2',
  exampleText: '67108864',
  holds: (value) => isWholeWithin(value, 1, Number.MAX_SAFE_INTEGER),
  read: readNumber,
}

/** A limit of the governor; null, as text `none`: there is no limit. */
export const limit: SettingType<number | null> = {
  words: 'number or null',
  must: 'be a number from 0 up, or null for no limit',
  mustText: 'be a number from 0 up, or none for no limit',
  example: '10',
  exampleText: '10',
  holds: (value) => value === null || isWithin(value, 0, Number.MAX_VALUE),
  read: (text) => (text === 'none' ? null : readNumber(text)),
}

/** A size as PostgreSQL writes it; the server takes up to 2 TB. */
export const size: SettingType<string> = {
  words: 'size',
  must: "be a size from '1MB' to '2047GB'",
  mustText: 'be a size from 1MB to 2047GB',
  example: "'64MB'",
  exampleText: '64MB',
  holds: (value): value is string =>
    typeof value === 'string' && /^([1-9]\d{0,5}MB|([1-9]\d{0,2}|1\d{3}|20[0-3]\d|204[0-7])GB)$/.test(value),
  read: (text) => text,
}

/** A switch. */
export const yesOrNo: SettingType<boolean> = {
  words: 'true or false',
  must: 'be true or false',
  example: 'true',
  exampleText: 'true',
  holds: (value) => typeof value === 'boolean',
  read: (text) => ({ true: true, false: false })[text],
}

/** A number of rows, or a part of the source. */
export const rowsOrPart: SettingType<number | `${number}%`> = {
  words: 'rows, or a percentage',
  must: "be a number of rows, or a percentage up to '100%'",
  mustText: 'be a number of rows, or a percentage up to 100%',
  example: "'0.5%'",
  exampleText: '0.5%',
  holds: (value): value is number | `${number}%` =>
    typeof value === 'number'
      ? isWholeWithin(value, 0, 999_999_999)
      : typeof value === 'string' && /^\d{1,3}(\.\d{1,6})?%$/.test(value) && Number.parseFloat(value) <= 100,
  read: (text) => readNumber(text) ?? text,
}

/** A connection string; whether it is one is looked at when it is used. */
export const connection: SettingType<string> = {
  words: 'connection string',
  must: 'be a text',
  example: 'process.env.MY_DATABASE_URL',
  exampleText: 'postgresql://user:password@host:5432/database',
  holds: (value) => typeof value === 'string',
  read: (text) => text,
}

/** Names of schemas, and what they are called in the target. */
export const schemaNames: SettingType<Readonly<Record<string, string>>> = {
  words: 'names of schemas',
  must: 'be an object of names of schemas',
  mustText: 'be pairs of names of schemas, such as public=legacy, with commas between them',
  example: "{ public: 'legacy' }",
  exampleText: 'public=legacy',
  holds: (value): value is Readonly<Record<string, string>> =>
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.values(value).every((name) => typeof name === 'string'),
  read: readPairs,
}

/** Tables by the names that they have in the target, and a column of each. */
export const distributedTables: SettingType<Readonly<Record<string, string>>> = {
  ...schemaNames,
  words: 'columns by table',
  must: 'be an object of names of tables, such as legacy.visits, with a column each',
  mustText: 'be tables with a column each, such as legacy.visits=clinic_id, with commas between them',
  example: "{ 'legacy.visits': 'clinic_id' }",
  exampleText: 'legacy.visits=clinic_id',
  holds: (value): value is Readonly<Record<string, string>> =>
    schemaNames.holds(value) && Object.keys(value).every((table) => /^[^.]+\..+$/.test(table)),
}

function readPairs(text: string): Readonly<Record<string, string>> | undefined {
  const pairs = text.split(',').map((pair) => /^\s*([^=\s]+)=([^=\s]+)\s*$/.exec(pair))
  const isWhole = pairs.every((pair) => pair !== null)
  return isWhole ? Object.fromEntries(pairs.map((pair) => [pair[1]!, pair[2]!])) : undefined
}
