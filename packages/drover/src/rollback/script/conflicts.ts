import { confirming, type Descent, entering } from '../conflicts/added.ts'
import { forgetConflicts } from '../conflicts/find.ts'
import type { Link } from '../conflicts/links.ts'
import { namedRows, recomputation } from '../conflicts/recomputed.ts'
import { enterWritten } from '../conflicts/written.ts'
import { decideConflicts } from './decide.ts'
import { unlessOpen } from './fit.ts'
import { block, execute, note } from './plpgsql.ts'
import { linksToTargets } from './referring.ts'
import { untilNothingIsNew } from './repeat.ts'
import { dropStandIns, makeStandIns, standInDeclarations } from './stand-ins.ts'
import type { ScriptWay } from './way.ts'

/** Looks for the rows that stand in the way, and decides on them. */
export function conflictsBlock(way: ScriptWay): string {
  const links = linksToTargets(way)
  const declarations = ['n bigint', 'written bigint', 'keys text[]', 'decisions jsonb', 'strange text']
  return block(
    way.runId,
    [...declarations, ...standInDeclarations],
    [
      unlessOpen,
      makeStandIns(way),
      '',
      note('What was found before is looked for anew, but for what is taken back already.'),
      ...forgetConflicts(way).map(({ sql }) => execute(sql)),
      '',
      note(
        'Rows that the run wrote, and others have changed or deleted since: their xmin is no transaction of the run.',
      ),
      ...[...new Set(way.steps.map(({ target }) => target))].map((target) => execute(enterWritten(way, target).sql)),
      ...way.steps.flatMap((step) => recompute(way, step)),
      '',
      note('Rows of others that refer to rows which go; then those that refer to these, until nothing is new.'),
      ...follow(entering(way, links), links),
      '',
      ...decideConflicts(way, links, follow(confirming(way, links), links)),
      '',
      dropStandIns,
    ],
  )
}

/** The recomputed row decides. An error of class 22 or 42 leaves what could not be computed in the list. */
function recompute(way: ScriptWay, step: ScriptWay['steps'][number]): readonly string[] {
  const queries = recomputation(way, step)
  if (queries === null) return []
  const found = `select array_agg(found.key) from (\n${queries.keys.sql}\n) as found`
  const keys = `case when cardinality(keys) <= ${namedRows} then keys end`
  return [
    '',
    note(
      `Rows of ${step.mapping.name} that look changed, as all do after a rewriting alter table, are computed anew and compared.`,
    ),
    execute(found, { into: 'keys' }),
    '  if keys is not null then',
    '  begin',
    execute(queries.settle.sql, { using: ['this_run', 'null::text', 'null::text', keys] }),
    '  exception when data_exception or syntax_error_or_access_rule_violation then',
    '    null;',
    '  end;',
    '  end if;',
  ]
}

/** What refers to loaded rows, then what refers to that. Only tables that refer to something hold rows that were added. */
function follow({ once, repeated }: Descent, links: readonly Link[]): readonly string[] {
  const further = repeated.filter(({ of }) => links.some(({ child }) => child === of))
  return [...once.map(({ sql }) => execute(sql)), ...untilNothingIsNew(further)]
}
