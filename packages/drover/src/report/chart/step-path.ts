import { round } from './frame.ts'

/**
 * The outline of steps over a ground line, each a unit wide: `heights` are measured from the line, which lies `ground` below
 * the top. Neighbours of one height are one step, so that an even curve of any length is a short text.
 */
export function stepPath(heights: readonly number[], ground: number): string {
  let path = `M0 ${round(ground)}`
  let width = 0
  let before: number | undefined
  for (const height of heights) {
    const top = round(ground - height)
    if (top !== before) {
      path += `${width > 0 ? `h${width}` : ''}V${top}`
      width = 0
    }
    before = top
    width += 1
  }
  return `${path}h${width}V${round(ground)}`
}
