const day = String.raw`(?!0000)\d{4}-\d{2}-\d{2}`
const time = String.raw`([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,6})?)?`
const timeShape = new RegExp(`^${day}([T ]${time}(Z|[+-](0\\d|1[0-5])(:[0-5]\\d)?)?)?$`)
const instantShape = new RegExp(`^${day}T${time}(Z|[+-](0\\d|1[0-5]):[0-5]\\d)$`)

/** Whether a text is a date, or a date and time with or without an offset, in ISO 8601, and of a day that there is. */
export function isTime(text: string): boolean {
  return timeShape.test(text) && isDay(text.slice(0, 10))
}

/** Whether a text is a date and time with its offset in ISO 8601, of a day that there is, and to the millisecond at most. */
export function isInstant(text: string): boolean {
  return instantShape.test(text) && isDay(text.slice(0, 10)) && !/\.\d{4}/.test(text)
}

function isDay(text: string): boolean {
  const midnight = Date.parse(`${text}T00:00Z`)
  return !Number.isNaN(midnight) && new Date(midnight).toISOString().startsWith(text)
}
