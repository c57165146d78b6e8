import { runProgram } from '../harness/program.ts'

/** What is copied from a server, and into which table of another one. */
export interface Pipe {
  readonly source: string
  readonly target: string
  /** A table, or a query in parentheses. */
  readonly from: string
  readonly to: string
}

/** `psql` into `psql`, in binary. */
export async function copyThroughPipe({ source, target, from, to }: Pipe): Promise<void> {
  const { code, stderr } = await runProgram({
    program: 'bash',
    args: [
      '-c',
      'set -o pipefail; psql -XqAt -v ON_ERROR_STOP=1 "$SOURCE" -c "copy $FROM to stdout (format binary)" | psql -XqAt -v ON_ERROR_STOP=1 "$TARGET" -c "copy $TO from stdin (format binary)"',
    ],
    env: { SOURCE: source, TARGET: target, FROM: from, TO: to },
  })
  if (code !== 0) throw new Error(`The pipe ended with ${code}: ${stderr}`)
}
