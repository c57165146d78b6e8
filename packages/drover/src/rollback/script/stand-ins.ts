import { ledgerTables } from '../../plan/plan.ts'
import { compile } from '../../sql/compile.ts'
import { tableNode } from '../../sql/nodes.ts'
import type { Way } from '../way.ts'
import { dollarQuoted, literal, note } from './plpgsql.ts'

// The statements of a script read the ledger's tables of all mappings. Those that the run has not made yet are made,
// empty, for the time of a transaction, and dropped before it ends: no one else ever sees them.

/** What the block declares. */
export const standInDeclarations = ['stand_in record', `stand_ins text[] := '{}'`]

/** Makes them. */
export function makeStandIns({ steps }: Way): string {
  const tables = steps.flatMap(({ mapping }) => {
    const name = (table: 'crosswalk' | 'images') => literal(compile(tableNode(ledgerTables[table](mapping.name))))
    const made = (table: 'crosswalk' | 'images', statement: string) =>
      `      (${name(table)}, ${dollarQuoted(statement, 'sql')})`
    return [
      made('crosswalk', mapping.statements.createCrosswalk),
      made('images', mapping.statements.repair.createImages),
    ]
  })
  return [
    note(
      'Where the run has not come to a mapping, or kept no rows of it, empty tables stand in until this transaction ends.',
    ),
    '  for stand_in in',
    '    select made.relation, made.statement',
    '    from (values',
    tables.join(',\n'),
    '    ) as made (relation, statement)',
    '    where to_regclass(made.relation) is null',
    '  loop',
    '    execute stand_in.statement;',
    '    stand_ins := stand_ins || stand_in.relation;',
    '  end loop;',
  ].join('\n')
}

/** Drops those that were made. */
export const dropStandIns = `  for stand_in in select made.relation from unnest(stand_ins) as made (relation) loop
    execute 'drop table ' || stand_in.relation;
  end loop;`
