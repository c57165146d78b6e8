/** Does a piece of work, says what it is, and how long it took. */
export async function step<T>(what: string, work: () => Promise<T>): Promise<T> {
  const started = performance.now()
  process.stdout.write(`${what} … `)
  try {
    const result = await work()
    console.log(`${((performance.now() - started) / 1000).toFixed(1)} s`)
    return result
  } catch (thrown) {
    // Why it failed gets a line of its own.
    console.log()
    throw thrown
  }
}
