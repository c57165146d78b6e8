import { type Kind, testAlone } from './kind.ts'

const corrected = (column: string, code: string, rows = 12): Kind => ({
  planted: rows,
  finds: { [`metric_values correct ${column} ${code}`]: rows },
})
const quarantined = (column: string, code: string, rows = 12): Kind => ({
  planted: rows,
  finds: { 'metric_values quarantined': rows, [`metric_values quarantine ${column} ${code}`]: rows },
})
const merged: Kind = { planted: 12, finds: { 'metric_values merged': 12 } }

testAlone({
  V01: corrected('value', 'number-format'),
  V02: corrected('value', 'number-format'),
  V03: corrected('value', 'number-format'),
  V04: corrected('value', 'number-format'),
  V05: corrected('value', 'number-format'),
  V06: corrected('value', 'number-format'),
  V07: corrected('value', 'number-format'),
  V08: quarantined('value', 'ambiguous-number', 20),
  V09: quarantined('value', 'not-a-number'),
  V10: quarantined('value', 'not-a-number', 6),
  V11: merged,
  V12: merged,
  // Rows that look alike are two payments: the application sums both.
  V13: {
    planted: 12,
    finds: {},
    unlogged: `
      select v.id
      from legacy.metric_values as v
      left join drover.crosswalk_metric_values as w on w.source_key = v.id and w.disposition = 'loaded'
      left join public.metric_values as t on t.id = w.id
      where v.id = any ($1) and t.value is distinct from v.value::numeric`,
  },
  V14: corrected('clinic_id', 'derived-clinic'),
  V15: corrected('clinic_id', 'derived-clinic'),
  V16: quarantined('clinic_id', 'no-clinic'),
  V17: {
    planted: 12,
    finds: { 'provider_stand_ins matched': 6, 'metric_values correct provider_id twin-provider': 12 },
  },
  V18: corrected('provider_id', 'cloned-provider', 10),
  V19: quarantined('clinic_id', 'no-clinic'),
  V20: corrected('provider_id', 'orphan-provider'),
  V21: quarantined('metric_definition_id', 'orphan-definition'),
  V22: corrected('sheet_id', 'orphan-source'),
  V23: quarantined('metric_date', 'future-date'),
  V24: quarantined('metric_date', 'implausible-date'),
  // Letters and blanks make no other word: twelve differ in nothing else, ten are words that nobody knows.
  V25: {
    planted: 22,
    finds: { 'metric_values correct source unknown-source': 10 },
    unlogged: `
      select v.id
      from legacy.metric_values as v
      left join drover.crosswalk_metric_values as w on w.source_key = v.id and w.disposition = 'loaded'
      left join public.metric_values as t on t.id = w.id
      where v.id = any ($1)
        and t.source::text is distinct from lower(btrim(v.source_type))
        and not exists (
          select from drover.correction as c
          where c.mapping = 'metric_values' and c.source_key = v.id and c.column_name = 'source'
        )`,
  },
  V26: { planted: 12, finds: { 'metric_values note metric_date local-month': 12 } },
})
