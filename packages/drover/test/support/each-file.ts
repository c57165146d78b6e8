import { afterAll } from 'vitest'
import { dropDatabases } from './postgres.ts'

// Carried out for each test file. A hook that is registered while a test runs, as most make their databases, never comes.
afterAll(dropDatabases, 120_000)
