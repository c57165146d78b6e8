import { readFileSync, writeFileSync } from 'node:fs'
import { page, withTables } from './page.ts'

writeFileSync(page, withTables(readFileSync(page, 'utf8')))
