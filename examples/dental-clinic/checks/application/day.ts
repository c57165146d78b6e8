/**
 * Tells the ISO date on which something happened: a midnight in UTC is a date as it stands, any other time one in the zone.
 */
export function daysIn(zone: string): (time: Date) => string {
  const format = new Intl.DateTimeFormat('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' })
  return (time) => (time.getTime() % 86_400_000 === 0 ? isoDay(time) : format.format(time))
}

/** A date as Prisma has it, midnight in UTC, in ISO form. */
export function isoDay(date: Date): string {
  return date.toISOString().slice(0, 10)
}

/** An ISO date as Prisma has it. */
export function dateOf(day: string): Date {
  return new Date(`${day}T00:00:00Z`)
}

/** The ISO date so many days later, or earlier. */
export function daysFrom(day: string, days: number): string {
  return isoDay(new Date(dateOf(day).getTime() + days * 86_400_000))
}
