import { DroverError } from '../error.ts'

/** Refuses an option that is not a whole number within bounds: in SQL it would be an error of every chunk. */
export function requireWhole(
  helper: string,
  option: string,
  value: number,
  bounds: { readonly least: number; readonly most: number },
): void {
  if (Number.isInteger(value) && value >= bounds.least && value <= bounds.most) return
  throw new DroverError('definition-invalid', `${helper} cannot work with ${option} ${value}.`, {
    remedy: `Give a whole number from ${bounds.least} to ${bounds.most}.`,
  })
}
