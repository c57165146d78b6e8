import type { Trigger } from './table.ts'

/** Whether a trigger fires on insert, which the server prints ahead of the other events. */
export function isInsertTrigger({ definition }: Pick<Trigger, 'definition'>): boolean {
  return / (?:BEFORE|AFTER|INSTEAD OF) INSERT /.test(definition)
}
