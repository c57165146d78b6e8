import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import { qualifiedName } from '../catalog/catalog.ts'
import { canonicalCatalog } from '../catalog/fingerprint.ts'
import { jsonPieces } from './json.ts'
import type { Plan } from './plan.ts'

/**
 * SHA-256 over everything in a plan but the hash itself, in hex. Of the catalog only definitions count, in canonical form:
 * neither the order of columns nor the server's minor version.
 */
export function hashPlan({ hash: _, ...plan }: Omit<Plan, 'hash'> & { readonly hash?: string }): string {
  const catalog = canonicalCatalog(plan.catalog, plan.catalog.tables.map(qualifiedName))
  const digest = sha256.create()
  const encoder = new TextEncoder()
  // Bytes of 64 KiB at a time: those of a whole plan would be made and thrown away.
  const bytes = new Uint8Array(65_536)
  for (const piece of jsonPieces({ ...plan, catalog })) {
    for (let rest = piece; rest !== ''; ) {
      const { read, written } = encoder.encodeInto(rest, bytes)
      digest.update(bytes.subarray(0, written))
      rest = rest.slice(read)
    }
  }
  return bytesToHex(digest.digest())
}
