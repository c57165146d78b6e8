/** Control characters as their pictures; others that are not seen, or that turn the line around, by their number. */
export function showInvisible(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) => {
    const number = character.codePointAt(0)!
    if (number < 0x20) return String.fromCodePoint(0x2400 + number)
    return `⟨U+${number.toString(16).toUpperCase().padStart(4, '0')}⟩`
  })
}
