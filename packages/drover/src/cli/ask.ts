import { createInterface } from 'node:readline'
import { DroverError } from '../error.ts'
import type { Io } from './io.ts'

/** What a command must know, and the flag that says it. */
export interface Question {
  readonly text: string
  readonly flag: string
  /** What holds where nothing is answered; a question without it is asked again. */
  readonly standard?: string
}

/**
 * The answers of whoever sits at the terminal, in the order of the questions.
 *
 * @throws DroverError `usage-invalid` naming the flags, where nobody does, or who does ends the input.
 */
export async function ask(io: Io, questions: readonly Question[]): Promise<readonly string[]> {
  if (questions.length === 0) return []
  if (!io.stdin.isTTY) throw unanswered(questions)
  const lines = createInterface({ input: io.stdin, output: io.stderr })
  const said = lines[Symbol.asyncIterator]()
  try {
    const answers: string[] = []
    for (const { text, standard } of questions) {
      lines.setPrompt(standard === undefined ? `${text} ` : `${text} [${standard}] `)
      let answer = ''
      while (answer === '') {
        lines.prompt()
        const line = await said.next()
        if (line.done) throw unanswered(questions)
        answer = line.value.trim() || (standard ?? '')
      }
      answers.push(answer)
    }
    return answers
  } finally {
    lines.close()
  }
}

function unanswered(questions: readonly Question[]): DroverError {
  return new DroverError('usage-invalid', 'Something must be known, and nobody is there to be asked.', {
    findings: questions.map(({ text, flag }) => `${text} ${flag}`),
    remedy: 'Give these flags, or call it in a terminal.',
  })
}
