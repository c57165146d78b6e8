import {
  type ArrayOf,
  blankToNull,
  cutover,
  type Expression,
  instant,
  newest,
  noteWhen,
  ref,
  required,
  sql,
  type text,
} from 'drover'
import type { PublicCredentialStatus } from '../app.types.ts'
import { idOf, m, stamps } from './base.ts'
import { clinics } from './clinics.ts'
import { encryptToken, tokenFingerprint, tokenKeyId } from './token-cipher.ts'

interface TokenColumns {
  readonly access_token: Expression<text>
  readonly refresh_token: Expression<text | null>
}

/** What stays the same while access tokens come and go; some sources have nothing but an access token. */
const lastingToken = (d: TokenColumns) =>
  sql<text | null>`coalesce(${blankToNull(d.refresh_token)}, ${blankToNull(d.access_token)})`

/** What the application asks Google for. */
const scopes = sql<ArrayOf<text>>`array[
  'https://www.googleapis.com/auth/spreadsheets', 'https://www.googleapis.com/auth/drive.readonly'
]::text[]`

/**
 * One credential for each Google account that a clinic has connected, its tokens encrypted. Sources without a token have
 * none. Of several access tokens the one that lasts longest is kept.
 */
export const googleCredentials = m.map('google_credentials', {
  from: (db) => db.selectFrom('legacy.data_sources as d'),
  key: ({ d }) => d.id,
  where: ({ d }) => sql`${lastingToken(d)} is not null`,
  identity: ({ d }, to) => [to.clinic_id, lastingToken(d)],
  survivor: ({ d }) => newest(d.expiry_date),
  to: 'public.google_credentials',
  secret: ['access_token', 'refresh_token'],
  compute: {
    reads: ({ d }) => ({
      id: idOf('google_credentials', d.id),
      access: blankToNull(d.access_token),
      refresh: blankToNull(d.refresh_token),
    }),
    writes: { access: 'bytea', refresh: 'bytea', fingerprint: 'bytea', keyId: 'text' },
    opaque: ['access', 'refresh'],
    batch: (rows) => {
      const keyId = tokenKeyId()
      return rows.map(({ id, access, refresh }) => {
        const encrypted = (token: string | null, column: string) =>
          token === null ? null : encryptToken(token, { table: 'google_credentials', row: id!, column })
        return {
          access: encrypted(access, 'access_token_enc'),
          refresh: encrypted(refresh, 'refresh_token_enc'),
          fingerprint: tokenFingerprint(refresh ?? access!),
          keyId,
        }
      })
    },
  },
  columns: ({ d }, computed) => {
    const expires = instant(d.expiry_date, { zone: 'UTC' }).orNull('no-finite-time')
    const status = sql<PublicCredentialStatus>`case
      when ${expires} > ${cutover()} then 'active'
      when ${expires} is null or ${blankToNull(d.refresh_token)} is not null then 'expired'
      else 'needs_reauth'
    end`
    return {
      id: idOf('google_credentials', d.id),
      clinic_id: ref(d.clinic_id, clinics).orQuarantine('orphan-clinic'),
      access_token_enc: computed.access,
      refresh_token_enc: computed.refresh,
      key_id: required(computed.keyId).orQuarantine(),
      token_fingerprint: required(computed.fingerprint).orQuarantine(),
      scopes,
      expires_at: expires,
      status: noteWhen(status, 'no-expiry', sql`${expires} is null`),
      ...stamps(d),
    }
  },
})
