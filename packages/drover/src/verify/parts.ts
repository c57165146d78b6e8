import { access } from './access.ts'
import { assertions } from './assertions.ts'
import { attempts } from './attempts.ts'
import type { Check, DeclaredSubject, MappingSubject, TableSubject } from './check.ts'
import { soleMapping } from './check.ts'
import { checkConstraints } from './check-constraints.ts'
import { columns } from './columns.ts'
import { conservation } from './conservation.ts'
import { controlTotals } from './control-totals.ts'
import { crosswalkKeys } from './crosswalk-keys.ts'
import { dispositions } from './dispositions.ts'
import { fingerprint } from './fingerprint.ts'
import { frozenSource } from './frozen-source.ts'
import { indexes } from './objects.ts'
import { parity } from './parity.ts'
import { probes } from './probes.ts'
import { references } from './references.ts'
import { rowComparison } from './row-comparison.ts'
import { rowSecurity } from './row-security.ts'
import { sequences } from './sequences.ts'
import { merges, quarantine } from './set-aside.ts'
import { sourceRows } from './source-rows.ts'
import { storedQuery } from './stored-query.ts'
import type { Subjects } from './subjects.ts'
import { targetKeys } from './target-keys.ts'
import { targetRows } from './target-rows.ts'
import { targetsExist } from './targets-exist.ts'
import { triggers } from './triggers.ts'
import { undeclared } from './undeclared.ts'
import { undeclaredReferences } from './undeclared-references.ts'
import { uniqueness } from './uniqueness.ts'

/** A piece of a verification that is done as a whole, in a transaction of its own. */
export interface Part {
  /** Unique within the verification, the same each time: `row comparison of metric_values`. */
  readonly name: string
  readonly mapping: string | null
  readonly check: Check<unknown>
  readonly subject: unknown
  /** The part that this one is a slice of. */
  readonly whole?: Part
}

const mappingChecks = [
  conservation,
  sourceRows,
  storedQuery,
  dispositions,
  crosswalkKeys,
  targetKeys,
  quarantine,
  merges,
  controlTotals,
  targetsExist,
  rowComparison,
] as const

const tableChecks = [targetRows, columns, references] as const

const integrityChecks = [checkConstraints, uniqueness, indexes, triggers, rowSecurity, sequences, fingerprint] as const

const declaredChecks = {
  assertion: assertions,
  parity,
  access,
  attempt: attempts,
  probe: probes,
} satisfies Record<DeclaredSubject['declared']['kind'], Check<DeclaredSubject>>

/** All there is to check of a run, in the order in which findings are shown. */
export function partsOf({ run, mappings, tables }: Subjects): readonly Part[] {
  const part = <Subject>(check: Check<Subject>, of: string, mapping: string | null, subject: Subject): Part => ({
    name: `${check.name} of ${of}`,
    mapping,
    check: check as Check<unknown>,
    subject,
  })
  const ofMappings = (check: Check<MappingSubject>) =>
    mappings.map((subject) => part(check, subject.mapping.name, subject.mapping.name, subject))
  const ofTables = (check: Check<TableSubject>) =>
    tables.map((subject) => part(check, `${subject.table.schema}.${subject.table.name}`, soleMapping(subject), subject))
  return [
    part(frozenSource, 'the run', null, run),
    ...mappingChecks.flatMap(ofMappings),
    ...tableChecks.flatMap(ofTables),
    ...ofMappings(undeclaredReferences),
    ...integrityChecks.flatMap(ofTables),
    ...run.plan.checks.map((declared) =>
      part(declaredChecks[declared.kind], declared.name, null, { ...run, declared }),
    ),
    part(undeclared, 'what is not declared', null, run),
  ]
}
