import { DroverError } from '../error.ts'
import { type Stage, type StageName, stageNames } from './result.ts'

/** What a stage came to. */
export interface Outcome<T> {
  readonly value: T
  /** A sentence, where it has passed. */
  readonly detail: string
  /** Why the stage fails; absent where it does not. */
  readonly failure?: string
}

/** The stages of a rehearsal, as they are carried out. */
export interface Stages {
  /** Carries a stage out. One that fails ends the rehearsal: nothing after it is reached. */
  act<T>(name: StageName, work: () => Promise<Outcome<T>>): Promise<T>
  /** Adds what is worth knowing, a sentence each. */
  note(...sentences: readonly string[]): void
}

/** What interrupts the stages, and who is told of them. */
export interface StagesOptions {
  readonly signal?: AbortSignal
  readonly onStage?: (name: StageName, stage?: Stage) => void
}

/** A rehearsal ends early, and why is told already. */
const ended = Symbol('ended')

/**
 * The preparation of the scratch database is drover's own: what goes wrong there is an error, and no failure of the
 * migration.
 */
const ownStages: readonly StageName[] = ['schema', 'sample']

/**
 * Lets `work` go through its stages, until one fails, and returns all of them with what is to know; `thrown` is the error by
 * which one failed, if it was one.
 *
 * @throws DroverError `interrupted`, and what goes wrong with the rehearsal itself.
 */
export async function goThrough(
  work: (stages: Stages) => Promise<void>,
  { signal, onStage = () => {} }: StagesOptions,
): Promise<{ readonly stages: readonly Stage[]; readonly notes: readonly string[]; readonly thrown?: DroverError }> {
  const done: Stage[] = []
  const notes: string[] = []
  let underWay: StageName = stageNames[0]
  let error: DroverError | undefined
  const finish = (stage: Stage) => {
    done.push(stage)
    onStage(stage.name, stage)
  }
  const stages: Stages = {
    note: (...sentences) => void notes.push(...sentences),
    async act(name, carryOut) {
      if (signal?.aborted) throw interrupted()
      underWay = name
      onStage(name)
      const startedAt = performance.now()
      const { value, detail, failure } = await carryOut()
      if (signal?.aborted) throw interrupted()
      const seconds = Math.round(performance.now() - startedAt) / 1000
      finish({ name, verdict: failure === undefined ? 'pass' : 'fail', detail: failure ?? detail, seconds })
      if (failure !== undefined) throw ended
      return value
    },
  }
  await work(stages).catch((thrown) => {
    if (thrown === ended) return
    const name = underWay
    if (!(thrown instanceof DroverError) || ownStages.includes(name) || thrown.code === 'interrupted') throw thrown
    error = thrown
    finish({ name, verdict: 'fail', detail: `${thrown.what} [${thrown.code}]`, seconds: 0 })
  })
  const reached = (name: StageName) => done.find((stage) => stage.name === name)
  return {
    notes,
    ...(error === undefined ? {} : { thrown: error }),
    stages: stageNames.map((name) => reached(name) ?? { name, verdict: 'not run', detail: '', seconds: 0 }),
  }
}

function interrupted(): DroverError {
  return new DroverError('interrupted', 'The rehearsal was interrupted; nothing of it is kept.', {
    remedy: 'Give the command again with an empty scratch database.',
  })
}
