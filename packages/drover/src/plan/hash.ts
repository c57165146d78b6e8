import { createHash } from 'node:crypto'
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
  const digest = createHash('sha256')
  for (const piece of jsonPieces({ ...plan, catalog })) digest.update(piece)
  return digest.digest('hex')
}
