import type { Blueprint } from './blueprint.ts'
import { accounts } from './outcomes/people.ts'
import { textArray, work } from './sql-text.ts'

/** Bcrypt hashes at cost 4, made once with pgcrypto's `crypt(password, gen_salt('bf', 4))`, and what they are of. */
export const passwordVectors: readonly { readonly password: string; readonly hash: string }[] = [
  { password: 'amber-anchor-17', hash: '$2a$04$BLduMoaH8AdfjPV3iS6oyetKbVledYKwFGdwIf7WDKcq2eZq1adsa' },
  { password: 'basil-bridge-28', hash: '$2a$04$LZu62VQ6jQo2OaY/AZf64uhsc8fPwhSIYVs.HSKK7UAfSKqqc1Gia' },
  { password: 'cedar-candle-39', hash: '$2a$04$p4pnfb1ZdLzBXer/jlKoweC2oXkEUXq32JiditO1gATdq2FsDkUtu' },
  { password: 'dahlia-drum-41', hash: '$2a$04$iJrY/1x4X6q6ITQ6vzptkuSOeJ6md1FHF0rLD8drQy4DkaXQttIMG' },
  { password: 'elder-ember-52', hash: '$2a$04$L6p67LraVW8euL6ji/SNk.N.QxGzU7wWFl/BAIrKlcBlW6tAFI2i.' },
  { password: 'fennel-ferry-63', hash: '$2a$04$G2AuFPfLk.lao8FV9UtMyOj7Vyx.SiT.MegtURgsOzvNf039l2gwW' },
  { password: 'ginger-gate-74', hash: '$2a$04$39Iss2dBSC7VJaSFWyEoSed7QS0XK3j0c3WlECoyxfx9MBdZc3tz6' },
  { password: 'hazel-harbor-85', hash: '$2a$04$/1VrFspwp5sUhhQ0QszGou/CSfdGp9xmCm9ufEJV6CebKOkkWdJue' },
  { password: 'iris-island-96', hash: '$2a$04$XcmdjxEefl9FrV1aTcaTpex1IfeBh0rbUrG5hhVikxxurdPjx4vh.' },
  { password: 'juniper-jetty-07', hash: '$2a$04$Jzs0KGR2NjW2JcIuEPIZWOisikvYfrkImXlBK6g2B2yvNu7McBIey' },
]

/**
 * Hashes for nine users who have no auth account yet, and one for a row that becomes a duplicate: the person's other row
 * has none, so the person gets this one. What each auth user must hold is in `passwords`.
 */
export function passwordStatements(_: Blueprint): string[] {
  return [
    `create unlogged table ${work}.passwords as
    with ${accounts},
    holders as (
      (
        select id, id as user_id, number, false as is_duplicate
        from accounts
        where defect is null and not has_duplicate and not person_is_matched
        order by number
        limit ${passwordVectors.length - 1}
      )
      union all
      (
        select id, survivor, number, true
        from accounts
        where id <> survivor and refused is null and not person_is_matched
        order by number
        limit 1
      )
    ),
    numbered as (
      select id, user_id, is_duplicate, row_number() over (order by is_duplicate, number) as place
      from holders
    )
    select id, user_id, is_duplicate, (${textArray(passwordVectors.map(({ hash }) => hash))})[place] as hash
    from numbered`,

    `insert into migration_input.password (legacy_id, hash) select id, hash from ${work}.passwords`,
  ]
}
