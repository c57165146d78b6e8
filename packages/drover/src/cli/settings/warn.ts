import type { Io } from '../io.ts'
import { renderJsonLine } from '../result.ts'
import { unknownVariables } from './environment.ts'

/**
 * Warns of variables that are written nearly as one of drover's: they say nothing. Others that begin with `DROVER_` are
 * taken to be somebody else's: a migration file may read its own, and Kubernetes sets `DROVER_SERVICE_HOST` and its like for
 * a service of that name.
 */
export function warnOfVariables(io: Io, isJson: boolean): void {
  for (const { variable, meant } of unknownVariables(io.env)) {
    if (meant === undefined) continue
    const what = `The variable ${variable} is not read. Did you mean ${meant}?`
    io.stderr.write(isJson ? `${renderJsonLine({ event: 'warning', what })}\n` : `Warning: ${what}\n`)
  }
}
