import { qualifiedName } from '../../catalog/catalog.ts'
import type { Table } from '../../catalog/table.ts'
import { transactionStatement } from '../../ledger/transaction.ts'
import { deleteAdded, lockAdded, storeAdded } from '../conflicts/discard.ts'
import { defaultsThatGo, emptyReferences } from '../conflicts/emptied.ts'
import { unlessRollingBack } from './fit.ts'
import { block, execute, literal, note, raise } from './plpgsql.ts'
import { linksToTargets } from './referring.ts'
import { dropStandIns, makeStandIns, standInDeclarations } from './stand-ins.ts'
import type { ScriptWay } from './way.ts'

/** Takes the added rows away about which that is decided; null where no row can refer to one of the run. */
export function discardBlock(way: ScriptWay): string | null {
  const links = linksToTargets(way)
  const tables = [...new Set(links.map(({ child }) => child))]
  if (tables.length === 0) return null
  return block(
    way.runId,
    ['n bigint', ...standInDeclarations],
    [
      unlessRollingBack,
      '  if not exists (',
      `    select from drover.conflict as c where c.run_id = this_run and c.kind = 'added' and c.decision = 'discard'`,
      '  ) then',
      '    return;',
      '  end if;',
      asReplica,
      makeStandIns(way),
      execute(transactionStatement),
      '',
      note('Under a lock: whether they are as they were when they were found.'),
      ...tables.flatMap((table) => [execute(lockAdded(way, table).sql, { into: 'n' }), ...changed(table)]),
      '',
      note('The ledger keeps them as they are.'),
      ...tables.map((table) => execute(storeAdded(way, table).sql)),
      '',
      note('Where the foreign key says so, references are emptied instead.'),
      ...tables.flatMap((table) => {
        const empty = emptyReferences(way, links, table)
        const strays = defaultsThatGo(way, links, table)
        return [
          ...(empty === null ? [] : [execute(empty.sql)]),
          ...strays.flatMap(({ constraint, query }) => [
            execute(query.sql, { into: 'n' }),
            ...stray(table, constraint),
          ]),
        ]
      }),
      '',
      note('All others go at once: the order in which rows refer to each other does not matter then.'),
      execute(deleteAdded(way, links, tables).sql),
      dropStandIns,
    ],
  )
}

/** Where the rollback goes by that, and in every transaction of it. */
export const asReplica = `  if (select r.triggers from drover.rollback as r where r.run_id = this_run) = 'replica role' then
    set local session_replication_role = 'replica';
  end if;`

function changed(table: Table): readonly string[] {
  return [
    '  if n > 0 then',
    raise({
      errcode: 'DV003',
      message: `format('%s rows of %s, which are to be discarded, were changed since they were found.', n, ${literal(qualifiedName(table))})`,
      hint: literal('Stop the application, then run this script again. None of them was touched.'),
    }),
    '  end if;',
  ]
}

function stray(table: Table, constraint: string): readonly string[] {
  return [
    '  if n > 0 then',
    raise({
      errcode: 'DV004',
      message: `format('%s rows of %s would refer to rows that go, by the default of %s.', n, ${literal(qualifiedName(table))}, ${literal(constraint)})`,
      hint: literal('Keep them, or give the column another default. None of them was touched.'),
    }),
    '  end if;',
  ]
}
