/** Work that is to be done, in this order. What is done may add to it. */
export type Tasks = (() => Promise<void>)[]

/**
 * Carries tasks out, so many at the same time, until none is left or `stops` says so: then those under way are waited for.
 *
 * @throws what the first task threw that failed; no other is begun after it.
 */
export async function carryOutTasks(tasks: Tasks, workers: number, stops: () => boolean): Promise<void> {
  let underWay = 0
  let waiting: (() => void)[] = []
  let hasFailed = false
  const wake = () => {
    for (const go of waiting) go()
    waiting = []
  }
  const work = async () => {
    while (!hasFailed && !stops()) {
      const task = tasks.shift()
      if (task === undefined) {
        if (underWay === 0) return
        // A task under way may add some.
        await new Promise<void>((go) => waiting.push(go))
        continue
      }
      underWay++
      try {
        await task()
      } catch (thrown) {
        hasFailed = true
        throw thrown
      } finally {
        underWay--
        wake()
      }
    }
  }
  const ended = await Promise.allSettled(Array.from({ length: workers }, work))
  const failed = ended.find((one) => one.status === 'rejected')
  if (failed !== undefined) throw failed.reason
}
