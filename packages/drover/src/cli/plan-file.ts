import { readFile } from 'node:fs/promises'
import { DroverError } from '../error.ts'
import { hashPlan } from '../plan/hash.ts'
import type { Plan } from '../plan/plan.ts'

/**
 * A plan as `drover plan --json` wrote it.
 *
 * @throws DroverError `usage-invalid` where the file is missing or holds no plan.
 */
export async function readPlanFile(file: string): Promise<Plan> {
  const text = await readFile(file, 'utf8').catch((thrown: NodeJS.ErrnoException) => {
    throw new DroverError('usage-invalid', 'The plan file could not be read.', {
      where: file,
      why: thrown.code,
      remedy: 'Write it with: drover plan migration.ts --json > plan.json.',
    })
  })
  const value = parse(text)
  if (isPlan(value)) {
    if (hashPlan(value) === value.hash) return value
    throw new DroverError(
      'usage-invalid',
      'The plan file was changed after the plan was made: its hash does not fit.',
      {
        where: file,
        remedy:
          'Change the migration instead, and write the plan again with: drover plan migration.ts --json > plan.json.',
      },
    )
  }
  throw new DroverError('usage-invalid', 'The plan file holds no plan that this drover can carry out.', {
    where: file,
    remedy: 'Write it again with: drover plan migration.ts --json > plan.json.',
  })
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isPlan(value: unknown): value is Plan {
  if (typeof value !== 'object' || value === null) return false
  const { version, hash, migration, mappings, hazards, catalog } = value as Partial<Plan>
  return (
    version === 1 &&
    typeof hash === 'string' &&
    typeof migration === 'string' &&
    Array.isArray(mappings) &&
    Array.isArray(hazards) &&
    Array.isArray(catalog?.tables)
  )
}
