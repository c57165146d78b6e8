/** Ends the demo before its time, with a sentence that says why and what is left. */
export class Ending extends Error {
  override readonly name = 'Ending'
  readonly exit: 1 | 130

  constructor(exit: 1 | 130, sentence: string) {
    super(sentence)
    this.exit = exit
  }
}

/** Works, and tells what is left where an aborted signal ends the work. */
export async function leaving<T>(left: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (thrown) {
    throw signal.aborted ? new Ending(130, `Interrupted. ${left}`) : thrown
  }
}
