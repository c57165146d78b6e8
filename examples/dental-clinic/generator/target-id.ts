import { createHash } from 'node:crypto'

/** Version 5 of the URL namespace over `https://example.org/legacy/dental`. */
const namespace = '19dca0fd-1545-57f7-bbb7-e1e71ed10f26'

/** The id that the reference migration gives to what a legacy row becomes in one table: a UUID of version 5 (RFC 9562). */
export function targetId(table: string, legacyId: string): string {
  const hash = createHash('sha1')
    .update(Buffer.from(namespace.replaceAll('-', ''), 'hex'))
    .update(`${table}:${legacyId}`)
    .digest()
  hash[6] = (hash[6]! & 0x0f) | 0x50
  hash[8] = (hash[8]! & 0x3f) | 0x80
  return hash.toString('hex', 0, 16).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
