import type { Blueprint } from './blueprint.ts'
import { work } from './sql-text.ts'

/** Which user is which provider of his clinic: those without a defect who were given the provider's name. */
export function loginStatements(_: Blueprint): string[] {
  return [
    `create unlogged table ${work}.logins as
    select provider.number as provider, provider.id as provider_id, account.id as user_id
    from ${work}.users as account
    join ${work}.providers as provider
      on provider.clinic = account.clinic
      and provider.plain_name = account.provider_name
    where account.defect is null and not account.has_duplicate`,
  ]
}
