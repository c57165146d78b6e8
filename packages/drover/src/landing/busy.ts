import { DroverError } from '../error.ts'

/** The error that somebody else lands tables in this database. */
export function landingBusy(where: string): DroverError {
  return new DroverError('landing-busy', 'Another process lands tables in this database.', {
    where,
    remedy: 'Wait until it has done: drover land --status.',
  })
}
