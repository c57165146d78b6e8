import type { Finding, Verification } from '../../../../packages/drover/src/verify/verification.ts'
import type { Mutation } from './mutation.ts'

/** Whether the verification found the planted fault: by the check that should, at the place that it names. */
export function isFound({ check, names }: Mutation, { findings }: Verification): boolean {
  return findings.some(
    (finding) => finding.verdict === 'fail' && finding.check === check && names.every((name) => says(finding, name)),
  )
}

/** What failed or warned, a line each, for people. */
export function complaintsOf({ findings }: Verification): readonly string[] {
  return findings
    .filter(({ verdict }) => verdict === 'fail' || verdict === 'warn')
    .map(({ check, mapping, rule, verdict, detail }) => `${verdict}: ${check}, ${rule ?? mapping ?? '–'}: ${detail}`)
}

function says({ mapping, rule, detail, sample = [] }: Finding, name: string | RegExp): boolean {
  const text = [mapping, rule, detail, JSON.stringify(sample)].join(' ')
  return typeof name === 'string' ? text.includes(name) : name.test(text)
}
