import type { MetricValue } from '../../prisma/generated/app/client.ts'
import type { Row } from './answer.ts'
import { isoDay } from './day.ts'
import type { Value } from './values.ts'

/** A value in an answer, as both applications tell it. */
export function valueRow(value: Value, order: string): Row {
  const { id, providerId, definitionId, day, amount, date, source, sheetId } = value
  return { key: `value ${id}`, order, facts: { providerId, definitionId, day, amount, date, source, sheetId } }
}

/** What the new application reads, as a value. */
export function toValue(row: MetricValue): Value {
  return {
    id: row.id,
    clinicId: row.clinicId,
    providerId: row.providerId,
    definitionId: row.metricDefinitionId,
    day: isoDay(row.metricDate),
    // Plain, without trailing zeros and exponents.
    amount: row.value?.toFixed() ?? null,
    date: row.valueDate && isoDay(row.valueDate),
    source: row.source,
    sheetId: row.sheetId,
    createdAt: row.createdAt,
  }
}

/** The latest first. */
export function newestFirst<T>(order: (item: T) => string): (a: T, b: T) => number {
  return (a, b) => {
    const [left, right] = [order(a), order(b)]
    return left === right ? 0 : left < right ? 1 : -1
  }
}
