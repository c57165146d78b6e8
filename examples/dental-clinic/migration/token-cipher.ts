import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto'

/** Where a token stands. It can be decrypted there only: moved to another row or column, it is refused. */
export interface TokenPlace {
  readonly table: string
  readonly row: string
  readonly column: string
}

/** Tells which way of writing the bytes was used, and is protected like the rest. */
const layout = Uint8Array.of(1)
const keyBytes = 32

/**
 * Encrypts with AES-256-GCM: layout byte ‖ nonce of 12 bytes ‖ tag of 16 bytes ‖ ciphertext. The place is authenticated
 * along with the layout.
 */
export function encryptToken(token: string, place: TokenPlace): Uint8Array {
  const nonce = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', keyFor('encryption'), nonce)
  cipher.setAAD(boundTo(place))
  const ciphertext = Buffer.concat([cipher.update(token, 'utf8'), cipher.final()])
  return Buffer.concat([layout, nonce, cipher.getAuthTag(), ciphertext])
}

/** The token; undefined where the bytes were not encrypted for this place under this key, or were changed since. */
export function decryptToken(bytes: Uint8Array, place: TokenPlace): string | undefined {
  const tag = bytes.subarray(13, 29)
  if (bytes[0] !== layout[0] || tag.length < 16) return undefined
  const decipher = createDecipheriv('aes-256-gcm', keyFor('encryption'), bytes.subarray(1, 13))
  decipher.setAAD(boundTo(place))
  decipher.setAuthTag(tag)
  const token = decipher.update(bytes.subarray(29))
  try {
    return Buffer.concat([token, decipher.final()]).toString('utf8')
  } catch {
    return undefined
  }
}

function boundTo({ table, row, column }: TokenPlace): Uint8Array {
  return Buffer.concat([layout, Buffer.from(JSON.stringify([table, row, column]))])
}

/** The same for the same token, so that it can be recognised without being known. */
export function tokenFingerprint(token: string): Uint8Array {
  return createHmac('sha256', keyFor('fingerprint')).update(token, 'utf8').digest()
}

/** Names the key that was used, for the day when there are two. */
export function tokenKeyId(): string {
  return keyFor('name').toString('hex', 0, 4)
}

/** Whether there is a key, without which nothing of this can be done. */
export function hasTokenKey(): boolean {
  return masterKey() !== undefined
}

class MissingTokenKey extends Error {
  override readonly name = 'MissingTokenKey'
}

/** One key for each purpose, made from the one that the environment holds: 32 random bytes in base64. */
function keyFor(purpose: string): Buffer {
  const master = masterKey()
  if (master === undefined) throw new MissingTokenKey('Set DROVER_EXAMPLE_TOKEN_KEY: openssl rand -base64 32')
  return Buffer.from(hkdfSync('sha256', master, '', purpose, keyBytes))
}

function masterKey(): Buffer | undefined {
  const key = Buffer.from(process.env.DROVER_EXAMPLE_TOKEN_KEY ?? '', 'base64')
  return key.length === keyBytes ? key : undefined
}
