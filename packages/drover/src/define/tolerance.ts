/** A tolerance as SQL reads it; undefined where it is not written as digits with at most one point, such as 1e-7. */
export function readTolerance(by: number | string): string | undefined {
  const text = String(by)
  return /^\d+([.]\d+)?$/.test(text) ? text : undefined
}

/** What helps where a tolerance is not one. */
export const toleranceRemedy = "Write it in digits with at most one point, as a number or a text such as '0.01'."
