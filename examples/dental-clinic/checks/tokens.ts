import type { ProbeAnswer, ProbeContext } from 'drover'
import { m } from '../migration/base.ts'
import { decryptToken, hasTokenKey, tokenFingerprint } from '../migration/token-cipher.ts'

interface SourceAndCredential {
  readonly source: string
  readonly disposition: string
  readonly id: string
  /** In hexadecimal, as are the next two. */
  readonly access: string | null
  readonly refresh: string | null
  readonly fingerprint: string
  readonly isOfClinic: boolean
  readonly access_token: string
  readonly refresh_token: string | null
}

const everySource = `
  select w.source_key as source, w.disposition, c.id, d.access_token, d.refresh_token,
    encode(c.access_token_enc, 'hex') as access, encode(c.refresh_token_enc, 'hex') as refresh,
    encode(c.token_fingerprint, 'hex') as fingerprint, c.clinic_id is not distinct from clinic.id as "isOfClinic"
  from drover.crosswalk_google_credentials as w
  join public.google_credentials as c on c.id = w.id
  join legacy.data_sources as d on d.id = w.source_key
  left join drover.crosswalk_clinics as clinic on clinic.source_key = d.clinic_id
  order by w.source_key`

/**
 * Every token decrypts, under its own row and column, to the legacy one; none shows through in what is stored; and every
 * credential is of the clinic of its sources. Of several access tokens of one account the survivor's is kept.
 */
async function compareTokens({ query }: ProbeContext): Promise<ProbeAnswer> {
  const rows = (await query(everySource)) as unknown as readonly SourceAndCredential[]
  if (!hasTokenKey()) {
    return { asked: 0, wrong: [], notAsked: ['Tokens cannot be decrypted: DROVER_EXAMPLE_TOKEN_KEY holds no key.'] }
  }
  return { asked: rows.length, wrong: rows.flatMap(faultsOf) }
}

function faultsOf(row: SourceAndCredential): readonly string[] {
  const access = row.access_token.trim() === '' ? null : row.access_token
  const refresh = row.refresh_token?.trim() ? row.refresh_token : null
  const lasting = refresh ?? access
  const stored = { access: bytesOf(row.access), refresh: bytesOf(row.refresh) }
  const shown = [stored.access, stored.refresh].flatMap((bytes) =>
    [access, refresh].map((token) => shows(bytes, token)),
  )
  const isSurvivor = row.disposition === 'loaded'
  const faults = {
    'has another access token': isSurvivor && !holds(stored.access, access, row.id, 'access_token_enc'),
    'has another refresh token': !holds(stored.refresh, refresh, row.id, 'refresh_token_enc'),
    'has the fingerprint of another token':
      lasting === null || !isSame(bytesOf(row.fingerprint)!, tokenFingerprint(lasting)),
    'shows a token': shown.includes(true),
    'is of another clinic': !row.isOfClinic,
  }
  return Object.entries(faults).flatMap(([what, isSo]) =>
    isSo ? [`Credential ${row.id} of source ${row.source} ${what}.`] : [],
  )
}

/** Compared by fingerprints, so that no error can carry a token. */
function holds(bytes: Buffer | null, token: string | null, row: string, column: string): boolean {
  if (bytes === null || token === null) return bytes === token
  const decrypted = decryptToken(bytes, { table: 'google_credentials', row, column })
  return decrypted !== undefined && isSame(tokenFingerprint(decrypted), tokenFingerprint(token))
}

function shows(bytes: Buffer | null, token: string | null): boolean {
  return bytes !== null && token !== null && bytes.includes(token)
}

function bytesOf(hex: string | null): Buffer | null {
  return hex === null ? null : Buffer.from(hex, 'hex')
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0
}

/** Tokens are those that the sources held, and nobody can read them without the key. */
export const tokens = m.probe('tokens are the legacy ones, under encryption', compareTokens)
