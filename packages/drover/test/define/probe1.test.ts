import { test } from 'vitest'
import { decimal, sql } from '../../src/index.ts'
import { createDatabase } from '../support/postgres.ts'
import { carry } from './carry.ts'
test('probe', async () => {
  const db = await createDatabase()
  const xs = ['1', '0,123', '1 2', '1$2', '(5%%)', '999,999,999,999,999', '1,234', '$1.234', '1.234','$ -','-','(5)', '5\n6', '0.123','1 234.5']
  console.log(JSON.stringify(await carry(db, { x: 'text' }, xs.map((x) => ({ x })), ({ x }) => ({
    en: ['numeric', decimal(x!).orNull()], eu: ['numeric', decimal(x!, { locale: 'eu' }).orNull()], any: ['numeric', decimal(x!, { locale: sql`null::text` }).orNull()],
    f: ['numeric', decimal(x!, { bareFactor: sql`null::int` }).orNull()],
  })), null, 0).replaceAll('},{', '},\n{'))
})
