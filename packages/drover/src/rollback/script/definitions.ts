import { findTable, qualifiedName } from '../../catalog/catalog.ts'
import type { Table } from '../../catalog/table.ts'
import type { Plan } from '../../plan/plan.ts'
import { parseName } from '../../sql/nodes.ts'

/** A column, constraint, index or trigger as it was before the run: table, kind, name, definition. */
export type Definition = readonly [table: string, kind: string, name: string, definition: string]

/**
 * Of the targets and of the tables that the run has frozen: what a rollback could leave otherwise. The whole comparison
 * is drover's own.
 */
export function definitionsOf({ mappings, freeze, catalog }: Plan): readonly Definition[] {
  const names = new Set([
    ...mappings.map(({ target }) => qualifiedName(parseName(target))),
    ...freeze.tables.map(qualifiedName),
  ])
  return [...names].sort().flatMap((name) => {
    const table = findTable(catalog, name)
    return table === undefined ? [] : definitionsOfTable(table)
  })
}

function definitionsOfTable(table: Table): readonly Definition[] {
  const name = qualifiedName(table)
  return [
    ...table.columns.map((each): Definition => [name, 'column', each.name, each.type]),
    ...table.constraints.map((each): Definition => [name, 'constraint', each.name, each.definition]),
    ...table.indexes.map(
      (each): Definition => [name, 'index', each.name, `${each.definition}${each.valid ? '' : ' (invalid)'}`],
    ),
    ...table.triggers.map((each): Definition => [name, 'trigger', each.name, `${each.definition} (${each.enabled})`]),
  ]
}

/** Reads the same of the tables `known.on_table`, as they are now, for `known` rows that name them. */
export const definitionsNow = `select known.on_table, found.kind, found.name, found.definition
      from (select distinct e.on_table, e.relation from expected as e) as known
      join pg_class as c on c.oid = to_regclass(known.relation)
      cross join lateral (
        select 'column', a.attname::text, format_type(a.atttypid, a.atttypmod)
        from pg_attribute as a
        where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        union all
        select 'constraint', k.conname::text, pg_get_constraintdef(k.oid)
        from pg_constraint as k
        where k.conrelid = c.oid and k.contype in ('p', 'u', 'f', 'c', 'x')
          and not exists (select from pg_constraint as p where p.oid = k.conparentid and p.conrelid = k.conrelid)
        union all
        select 'index', x.relname::text, pg_get_indexdef(x.oid) || case when i.indisvalid then '' else ' (invalid)' end
        from pg_index as i
        join pg_class as x on x.oid = i.indexrelid
        where i.indrelid = c.oid
        union all
        select 'trigger', t.tgname::text, format('%s (%s)', pg_get_triggerdef(t.oid), t.tgenabled)
        from pg_trigger as t
        join pg_proc as p on p.oid = t.tgfoid
        join pg_namespace as f on f.oid = p.pronamespace
        where t.tgrelid = c.oid and f.nspname <> 'drover'
          and (not t.tgisinternal or t.tgparentid <> 0 and p.proname not like 'RI\\_FKey\\_%')
      ) as found (kind, name, definition)`
