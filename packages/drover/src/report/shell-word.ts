import { everyUnseen, unseen } from './invisible.ts'

/** A text as one word of a POSIX shell; what is not seen, or turns the line around, in the form that bash and zsh read. */
export function shellWord(text: string): string {
  if (/^[\w@%+=:,./-]+$/.test(text)) return text
  if (!unseen.test(text)) return `'${text.replaceAll("'", "'\\''")}'`
  const escaped = text.replace(/[\\']/g, '\\$&').replace(everyUnseen, bytesOf)
  return `$'${escaped}'`
}

/** By its bytes in UTF-8: what bash makes of a number of Unicode depends on the locale. */
function bytesOf(character: string): string {
  return [...Buffer.from(character)].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('')
}
