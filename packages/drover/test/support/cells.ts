import { inject } from 'vitest'

/** Whether a matrix is to be tested whole (`npm run test:cells`), and not a sample of it. */
export const everyCell = inject('everyCell')

/** One in so many cells of a matrix, the first among them; all of them where every cell is tested. */
export function cellsOf<T>(matrix: readonly T[], oneIn: number): readonly T[] {
  return everyCell ? matrix : matrix.filter((_, i) => i % oneIn === 0)
}
