import { DroverError } from '../error.ts'

/** What a verification is ended with when its signal is aborted. */
export function interrupted(runId: string): DroverError {
  return new DroverError('interrupted', `The verification of run ${runId} was interrupted.`, {
    remedy: `What was checked is kept: drover verify --run ${runId} goes on from there.`,
  })
}
