import {
  businessDate,
  cutover,
  decimal,
  type Expression,
  firstRef,
  lookup,
  newest,
  noteWhen,
  once,
  oneOf,
  ordered,
  ref,
  required,
  sql,
  type text,
  type timestamp,
  type uuid,
} from 'drover'
import type { PublicGoalDirection, PublicGoalPeriod, PublicGoalStatus } from '../app.types.ts'
import { idOf, m, stamps } from './base.ts'
import { clinics } from './clinics.ts'
import { metricDefinitions } from './definitions.ts'
import { providers } from './providers.ts'
import { providerWithin } from './stand-ins.ts'

/** Goals, each of one clinic. Of several that ask for the same the one changed last stays. */
export const goals = m.map('goals', {
  from: (db) => db.selectFrom('legacy.goals as g').leftJoin('legacy.providers as p', 'p.id', 'g.provider_id'),
  key: ({ g }) => g.id,
  identity: (_, to) => ({
    by: [to.clinic_id, to.provider_id, to.metric_definition_id, to.period, to.starts_on, to.ends_on],
    quarantine: 'duplicate-goal',
  }),
  survivor: ({ g }) => newest(g.updated_at),
  to: 'public.goals',
  columns: ({ g, p }) => {
    const clinic = firstRef(ref(g.clinic_id, clinics), ref(p.clinic_id, clinics))
      .derivedAs('derived-clinic')
      .orQuarantine('no-clinic')
    const { provider } = providerWithin(clinic, g.provider_id)
    const definition = ref(g.metric_definition_id, metricDefinitions).orQuarantine('orphan-definition')

    const dayOf = (time: Expression<timestamp>) =>
      businessDate(time, { zone: sql<text>`${lookup(clinic, clinics, 'timezone')}` }).orQuarantine('implausible-date')
    const { from: startsOn, to: endsOn } = ordered(dayOf(g.start_date), dayOf(g.end_date), {
      originals: [g.start_date, g.end_date],
    }).orSwap()

    // What a period that nobody knows means shows in its length.
    const inferred = sql<PublicGoalPeriod>`case
      when ${endsOn} = ${startsOn} then 'daily'
      when ${endsOn} - ${startsOn} = 6 then 'weekly'
      when ${endsOn} = (${startsOn} + interval '1 month')::date - 1 then 'monthly'
      when ${endsOn} = (${startsOn} + interval '3 months')::date - 1 then 'quarterly'
      when ${endsOn} = (${startsOn} + interval '1 year')::date - 1 then 'yearly'
    end`
    const period = required(
      oneOf(g.time_period, ['daily', 'weekly', 'monthly', 'quarterly', 'yearly'], {
        aliases: { annual: 'yearly' },
      }).orElse(inferred, 'inferred-period'),
    ).orQuarantine('unknown-period')

    // A form has no number format of its own: what means two numbers is refused.
    const target = decimal(g.target_value, { locale: sql<text | null>`null::text` }).orQuarantine('not-a-number')

    const template = sql<uuid | null>`(
      select min(template.id::text)::uuid
      from ${sql.table('public.goal_templates')} as template
      where template.metric_definition_id = ${definition}
        and template.period = ${period}::public.goal_period
        and (template.clinic_id is null or template.clinic_id = ${clinic})
      having count(*) = 1
    )`
    const soleAdmin = sql<uuid | null>`(
      select min(member.user_id::text)::uuid
      from ${sql.table('public.user_clinic_roles')} as member
      where member.clinic_id = ${clinic} and member.role = 'clinic_admin' and member.is_active
      having count(*) = 1
    )`
    const owner = once(sql<uuid | null>`coalesce(${lookup(provider, providers, 'user_id')}, ${soleAdmin})`)
    return {
      id: idOf('goals', g.id),
      clinic_id: clinic,
      provider_id: provider,
      metric_definition_id: definition,
      template_id: template,
      owner_id: noteWhen(owner, 'no-owner', sql`${owner} is null`),
      name: sql<text>`${lookup(definition, metricDefinitions, 'name')} || ' – ' || to_char(${startsOn}, 'YYYY-MM-DD')`,
      period,
      starts_on: startsOn,
      ends_on: endsOn,
      target_value: noteWhen(target, 'not-positive', sql`${target} <= 0`),
      direction: sql<PublicGoalDirection>`case when ${lookup(definition, metricDefinitions, 'lower_is_better')} then 'at_most' else 'at_least' end`,
      status: sql<PublicGoalStatus>`case when ${endsOn} < (${cutover()} at time zone 'UTC')::date then 'completed' else 'active' end`,
      ...stamps(g),
    }
  },
  totals: ({ g }, to) => ({
    aims: {
      source: decimal(g.target_value, { locale: sql<text | null>`null::text` }).orNull(),
      target: to.target_value,
      by: [to.clinic_id, to.period],
    },
  }),
})
