import { work } from './sql-text.ts'

/** Injected rows of every table but metric_values, as rows (code, id). */
export const tableDefectRows = ['clinics', 'users', 'providers', 'data_sources', 'goals', 'dashboards']
  .map((table) => {
    const plan = table === 'data_sources' ? 'sources' : table
    return `select '${table}/' || defect as code, id from ${work}.${plan} where defect is not null`
  })
  .concat(`select 'users/auth-match', id from ${work}.users where is_matched`)
  .join('\n  union all\n  ')

/** Injected metric values, as rows (code, outcome, id). */
export const valueDefectRows = `select code, outcome, id from ${work}.value_plan where code is not null`
