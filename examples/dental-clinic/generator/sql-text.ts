/** The schema of the generator's own tables; made at the start, dropped at the end. */
export const work = 'dental_generator'

/** A text as an SQL literal. */
export function literal(value: string): string {
  return `'${value.replaceAll("'", "''")}'`
}

/** Texts as an SQL array. */
export function textArray(values: readonly (string | null)[]): string {
  return `array[${values.map((value) => (value === null ? 'null' : literal(value))).join(', ')}]::text[]`
}

/** Whole numbers as an SQL array. */
export function intArray(values: readonly number[]): string {
  return `array[${values.map(wholeNumber).join(', ')}]::int[]`
}

/** Fractions as an SQL array, cut to twelve decimals so that no platform's last bit shows. */
export function floatArray(values: readonly number[]): string {
  return `array[${values.map((value) => value.toFixed(12)).join(', ')}]::float8[]`
}

/** A whole number as an SQL literal; anything else is a mistake of the caller. */
export function wholeNumber(value: number): string {
  if (!Number.isSafeInteger(value)) throw new RangeError(`not a whole number: ${value}`)
  return String(value)
}
