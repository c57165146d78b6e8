/** The first line of a statement of a repair, for `pg_stat_activity`. */
export function repairHead(runId: string, mapping: string): string {
  return `/* drover run ${runId} ${mapping} repair */\n`
}
