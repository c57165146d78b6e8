import { canonicalJson } from './canonical-json.ts'
import { sha256 } from './chain.ts'
import type { ReportEvidence } from './evidence.ts'
import type { Report } from './report.ts'

/** A report that is complete but for its seal. */
export type UnsealedReport = Omit<Report, 'evidence'> & { readonly evidence: Omit<ReportEvidence, 'seal'> }

/**
 * SHA-256 of the canonical JSON of a report without `evidence.seal`, in hexadecimal. The same by hand:
 * `jq -cS 'del(.evidence.seal)' report.json | head -c -1 | sha256sum`.
 */
export function sealOf(report: UnsealedReport): string {
  return sha256(canonicalJson({ ...report, evidence: { ...report.evidence, seal: undefined } }))
}

/** The report with its seal. Whatever is changed after that no longer agrees with it. */
export function sealReport(report: UnsealedReport): Report {
  return { ...report, evidence: { ...report.evidence, seal: sealOf(report) } }
}
