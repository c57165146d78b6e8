import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import { qualifiedName } from '../catalog/catalog.ts'
import { canonicalCatalog } from '../catalog/fingerprint.ts'
import type { Plan } from './plan.ts'

/**
 * SHA-256 over everything in a plan but the hash itself, in hex. Of the catalog only definitions count, in canonical form:
 * neither the order of columns nor the server's minor version.
 */
export function hashPlan({ hash: _, ...plan }: Omit<Plan, 'hash'> & { readonly hash?: string }): string {
  const catalog = canonicalCatalog(plan.catalog, plan.catalog.tables.map(qualifiedName))
  return bytesToHex(sha256(utf8ToBytes(JSON.stringify({ ...plan, catalog }))))
}
