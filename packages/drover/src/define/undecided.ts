import { DroverError } from '../error.ts'

/**
 * A decision of a drafted migration that only its author can make. It does not compile, wherever it stands; where types are
 * not looked at, the migration does not load.
 *
 * @throws DroverError `definition-invalid`, with the question.
 */
export function undecided(
  // What no text is. The compiler prints it.
  question: string & { readonly 'Put your decision in place of undecided()': never },
): never {
  throw new DroverError('definition-invalid', 'The migration holds a decision that nobody has taken.', {
    findings: [question],
    remedy: 'Put your decision in place of undecided(…); the comment above it lists choices.',
  })
}
