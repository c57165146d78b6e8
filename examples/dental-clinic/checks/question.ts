import type { m } from '../migration/base.ts'

/** What the queries of checks are written with: both schemas. */
export type Schemas = Parameters<Parameters<typeof m.assertNone>[1]>[0]
