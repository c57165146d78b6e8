/** A text as one word of a POSIX shell; what is not seen, or turns the line around, in the form that bash and zsh read. */
export function shellWord(text: string): string {
  if (/^[\w@%+=:,./-]+$/.test(text)) return text
  if (!/[\p{Cc}\p{Cf}]/u.test(text)) return `'${text.replaceAll("'", "'\\''")}'`
  const escaped = text
    .replace(/[\\']/g, '\\$&')
    .replace(/[\p{Cc}\p{Cf}]/gu, (character) => `\\U${character.codePointAt(0)!.toString(16).padStart(8, '0')}`)
  return `$'${escaped}'`
}
