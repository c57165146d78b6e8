import { createCipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto'

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
  cipher.setAAD(Buffer.concat([layout, Buffer.from(JSON.stringify([place.table, place.row, place.column]))]))
  const ciphertext = Buffer.concat([cipher.update(token, 'utf8'), cipher.final()])
  return Buffer.concat([layout, nonce, cipher.getAuthTag(), ciphertext])
}

/** The same for the same token, so that it can be recognised without being known. */
export function tokenFingerprint(token: string): Uint8Array {
  return createHmac('sha256', keyFor('fingerprint')).update(token, 'utf8').digest()
}

/** Names the key that was used, for the day when there are two. */
export function tokenKeyId(): string {
  return keyFor('name').toString('hex', 0, 4)
}

class MissingTokenKey extends Error {
  override readonly name = 'MissingTokenKey'
}

/** One key for each purpose, made from the one that the environment holds: 32 random bytes in base64. */
function keyFor(purpose: string): Buffer {
  const master = Buffer.from(process.env.DROVER_EXAMPLE_TOKEN_KEY ?? '', 'base64')
  if (master.length !== keyBytes) throw new MissingTokenKey('Set DROVER_EXAMPLE_TOKEN_KEY: openssl rand -base64 32')
  return Buffer.from(hkdfSync('sha256', master, '', purpose, keyBytes))
}
