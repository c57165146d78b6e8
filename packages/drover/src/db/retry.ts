import { setTimeout as sleep } from 'node:timers/promises'
import { defaultPatience, type PatienceLimits, patience } from './patience.ts'
import { reactionOf } from './reaction.ts'

/** Does something again for as long as it fails for a reason that passes. It must do no harm to do it twice. */
export async function retrying<T>(work: () => Promise<T>, limits: PatienceLimits = defaultPatience): Promise<T> {
  const patient = patience(limits)
  for (;;) {
    try {
      return await work()
    } catch (thrown) {
      const reaction = reactionOf(thrown)
      const passes = reaction === 'retry' || reaction === 'reconnect'
      const pauseMs = passes ? patient.afterFailure(reaction, performance.now()) : undefined
      if (pauseMs === undefined) throw thrown
      await sleep(pauseMs)
    }
  }
}
