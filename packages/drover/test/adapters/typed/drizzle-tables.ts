import { customType, integer, numeric, pgEnum, pgSchema, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core'

// What introspection does not write: values that Drizzle makes itself, enumerated texts, names from a casing.

const bytea = customType<{ data: Uint8Array }>({ dataType: () => 'bytea' })
const ltree = customType<{ data: string }>({ dataType: () => 'ltree' })

export const mood = pgEnum('mood', { Glad: 'glad', Sad: 'sad' } as const)
export const weather = pgEnum('weather', { Fine: 'fine' })

export const notes = pgTable('notes', {
  id: uuid()
    .primaryKey()
    .$defaultFn(() => '…'),
  slug: text({ enum: ['short', 'long'] }).notNull(),
  tags: text({ enum: ['a', 'b'] })
    .array()
    .notNull(),
  mood: mood().notNull(),
  weather: weather().notNull(),
  matrix: numeric().array().array(),
  token: bytea().notNull(),
  path: ltree().notNull(),
  touched: timestamp({ withTimezone: true })
    .notNull()
    .$onUpdate(() => new Date()),
})

export const jobs = pgSchema('work').table('jobs', {
  jobId: integer().primaryKey().generatedAlwaysAsIdentity(),
  createdAt: timestamp().defaultNow().notNull(),
  addressLine1: text(),
  ownerID: uuid().notNull(),
})
