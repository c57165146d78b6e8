import { runProgram } from '../harness/program.ts'
import { isInstalled, type Tool } from './installed.ts'

/** What each of the installed tools calls its version. */
export async function readVersions(tools: readonly Tool[]): Promise<Readonly<Record<string, string>>> {
  const told = tools.filter(isInstalled).map(async (tool) => {
    const { stdout, stderr } = await runProgram({ program: tool, args: ['--version'] })
    return [tool, /[0-9]+(\.[0-9]+)+[-~+.\w]*/.exec(stdout + stderr)?.[0] ?? 'unknown'] as const
  })
  return Object.fromEntries(await Promise.all(told))
}
