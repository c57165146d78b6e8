import type { Finding } from '../verify/verification.ts'
import { showInvisible } from './invisible.ts'

/** What there is to say of a verification: of its result, or of a report. */
export interface Verified {
  readonly name: string
  readonly findings: readonly Finding[]
  /** What nobody looked at, a sentence each. */
  readonly notChecked: readonly string[]
}

/**
 * A verification as JUnit's XML, for whatever shows tests: a suite for each check, a case for each finding. What failed is
 * a failure; a warning passes, and its sentence is the case's output; what was not checked is skipped. Pure.
 */
export function renderJunit({ name, findings, notChecked }: Verified): string {
  const asked = findings.filter(({ verdict }) => verdict !== 'not run')
  const suites = [...new Set(asked.map(({ check }) => check))].map((check) =>
    renderSuite(
      check,
      asked.filter((finding) => finding.check === check).map(renderFinding),
      asked.filter((finding) => finding.check === check && finding.verdict === 'fail').length,
      0,
    ),
  )
  const skipped = notChecked.map((sentence) => `${openCase('not checked', sentence)}<skipped/></testcase>`)
  const all = skipped.length === 0 ? suites : [...suites, renderSuite('not checked', skipped, 0, skipped.length)]
  const failures = asked.filter(({ verdict }) => verdict === 'fail').length
  const counts = renderAttributes({
    name,
    tests: asked.length + skipped.length,
    failures,
    skipped: skipped.length,
  })
  return ['<?xml version="1.0" encoding="UTF-8"?>', `<testsuites ${counts}>`, ...all, '</testsuites>', ''].join('\n')
}

function renderSuite(name: string, cases: readonly string[], failures: number, skipped: number): string {
  const attributes = renderAttributes({ name, tests: cases.length, failures, skipped })
  return [`  <testsuite ${attributes}>`, ...cases.map((each) => `    ${each}`), '  </testsuite>'].join('\n')
}

function renderFinding({ check, mapping, rule, verdict, expected, actual, detail }: Finding): string {
  const counts = expected === null && actual === null ? '' : ` Expected ${expected ?? '–'}, found ${actual ?? '–'}.`
  const opening = openCase(check, rule ?? (mapping === null ? detail : mapping))
  if (verdict === 'fail') {
    return `${opening}<failure ${renderAttributes({ message: detail })}>${escapeXml(`${detail}${counts}`)}</failure></testcase>`
  }
  if (verdict === 'warn')
    return `${opening}<system-out>${escapeXml(`Warning: ${detail}${counts}`)}</system-out></testcase>`
  return `${opening}</testcase>`
}

function openCase(check: string, name: string): string {
  return `<testcase ${renderAttributes({ classname: check, name })}>`
}

function renderAttributes(attributes: Readonly<Record<string, string | number>>): string {
  return Object.entries(attributes)
    .map(([name, value]) => `${name}="${escapeXml(String(value))}"`)
    .join(' ')
}

/** Control characters and noncharacters have no place in XML, not even escaped: they are shown by pictures and numbers. */
function escapeXml(text: string): string {
  return showInvisible(text).replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`)
}
