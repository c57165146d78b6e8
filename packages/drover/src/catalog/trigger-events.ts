import type { Trigger } from './table.ts'

/** Whether a trigger fires on insert: its definition names the events between its time and the table. */
export function isInsertTrigger({ definition }: Pick<Trigger, 'definition'>): boolean {
  return /^CREATE (?:CONSTRAINT )?TRIGGER .* (?:BEFORE|AFTER|INSTEAD OF) (?:\w+(?: OF [^O]*)? OR )*INSERT(?: OR .*)? ON /.test(
    definition,
  )
}
