/** The exit codes of the command line. When several apply the order is failed, verification failed, quarantined, done. */
export const exitCodes = {
  done: 0,
  failed: 1,
  usage: 2,
  quarantined: 3,
  verificationFailed: 4,
  interrupted: 130,
} as const

/** One of the documented exit codes. */
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

/** Those of a command that works on a run, in the words of its help. */
export const workExitsHelp =
  'Exit codes: 0 done, 1 failed, 2 the call was wrong, 3 done with quarantined rows, 130 interrupted.'

/** The exit codes as the help shows them. */
export const exitCodesHelp = `Exit codes:
  0    done
  1    failed; what was finished before stays, and run takes it up again
  2    the call was wrong: a flag, a file, or a definition
  3    done, with quarantined rows
  4    verification failed
  130  interrupted; run takes it up again`
