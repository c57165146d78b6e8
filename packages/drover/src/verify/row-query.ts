import { openTransaction } from '../db/session.ts'
import type { ComparisonPlan } from '../plan/plan.ts'

/** The comparison for people to run: every row that differs, with its values. */
export function comparisonQuery(runId: string, { statement }: ComparisonPlan): string {
  return `${openTransaction({ readOnly: true, statementTimeoutMs: 0 })}
prepare drover_compared (bigint, text, text, text[]) as
select key, class, columns, made, found
from (
${statement}
) as compared
where class <> 'equivalent'
order by key collate "C";
execute drover_compared (${runId}, null, null, null);
deallocate drover_compared;
commit;`
}
