import { createHash } from 'node:crypto'
import { qualifiedName } from '../catalog/catalog.ts'
import { canonicalCatalog } from '../catalog/fingerprint.ts'
import type { Plan } from './plan.ts'

/** Texts longer than this are hashed as they are, after their length: to escape a statement takes longer than to hash it. */
const longText = 1_000

/**
 * SHA-256 over everything in a plan but the hash itself and what a server said of it, in hex: over its JSON, but for
 * long texts. Of the catalog only definitions count, in canonical form: neither the order of columns nor the server's
 * minor version.
 */
export function hashPlan({
  hash: _,
  executions: __,
  ...plan
}: Omit<Plan, 'hash'> & { readonly hash?: string }): string {
  const catalog = canonicalCatalog(plan.catalog, plan.catalog.tables.map(qualifiedName))
  const digest = createHash('sha256')
  let pending = ''
  const add = (value: unknown): void => {
    // Half a character would be hashed as the sign for any that is not one.
    if (typeof value === 'string' && value.length > longText && value.isWellFormed()) {
      digest.update(`${pending}${value.length}:`).update(value)
      pending = ''
    } else if (typeof value !== 'object' || value === null) pending += JSON.stringify(value ?? null)
    else if (Array.isArray(value)) {
      pending += '['
      for (const each of value) {
        add(each)
        pending += ','
      }
      pending += ']'
    } else {
      pending += '{'
      for (const [name, child] of Object.entries(value)) {
        if (child === undefined) continue
        pending += `${JSON.stringify(name)}:`
        add(child)
        pending += ','
      }
      pending += '}'
    }
  }
  add({ ...plan, catalog })
  return digest.update(pending).digest('hex')
}
