import { openDatabase } from '../../src/db/pg.ts'
import { rollback } from '../../src/rollback/rollback.ts'
import { openProxy } from '../support/proxy.ts'
import { faultyDatabase } from './faulty-database.ts'
import type { Fault } from './points.ts'
import { rollbackPoints } from './rollback-points.ts'
import { strike } from './strike.ts'

// A process that takes the subject's run back while one fault strikes: node rollback-child.ts <url> [point fault]. It prints
// `struck` when the fault strikes, and exits with 0 if everything is as it was.

const [url, pointName, fault] = process.argv.slice(2) as [string, string?, Fault?]
const proxy = await openProxy(url)
const direct = await openDatabase(proxy.url, { connections: 4 })
const point = rollbackPoints.find(({ name }) => name === pointName)
const db = point === undefined ? direct : faultyDatabase(direct, point, (tx) => strike(fault!, tx, proxy))
const { verdict, findings } = await rollback(db, undefined, { workers: 2, blocksPerChunk: 1 })
if (verdict !== 'pass') console.log(JSON.stringify(findings.filter((finding) => finding.verdict !== 'pass')))
await direct.close()
await proxy.close()
process.exit(verdict === 'pass' ? 0 : 1)
