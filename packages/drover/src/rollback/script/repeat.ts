import type { ConflictQuery } from '../conflicts/query.ts'
import { execute } from './plpgsql.ts'

/** Repeats statements that count what they have written in `n`. */
export function untilNothingIsNew(queries: readonly ConflictQuery[]): readonly string[] {
  if (queries.length === 0) return []
  return [
    '  loop',
    '    written := 0;',
    ...queries.flatMap(({ sql }) => [execute(sql, { into: 'n' }), '    written := written + n;']),
    '    exit when written = 0;',
    '  end loop;',
  ]
}
