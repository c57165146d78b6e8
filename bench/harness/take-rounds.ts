import { type Measured, measure, type Variant } from './measure.ts'
import type { Settings } from './settings.ts'

/**
 * Measures those of a part's variants that are asked for, and says of each round how long it took as soon as it is
 * known.
 */
export function takeRounds(
  variants: readonly Variant[],
  { rounds, only }: Pick<Settings, 'rounds' | 'only'>,
  warmUp = 0,
): Promise<readonly Measured[]> {
  const asked = variants.filter(({ name }) => only.length === 0 || only.includes(name))
  return measure(asked, { rounds, warmUp, onRound: tellRound })
}

function tellRound(name: string, round: number, seconds: number): void {
  console.error(`  ${round < 1 ? 'not counted' : `round ${round}`}  ${name}  ${seconds.toFixed(2)} s`)
}
