/** A character that is not seen, turns the line around, ends it, or is none: XML has no place for noncharacters. */
export const unseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Noncharacter_Code_Point}]/u

/** Every one of a text. */
export const everyUnseen = new RegExp(unseen, 'gu')

/** Control characters as their pictures; others that are not seen, or that turn the line around, by their number. */
export function showInvisible(text: string): string {
  return text.replace(everyUnseen, (character) => {
    const number = character.codePointAt(0)!
    if (number < 0x20) return String.fromCodePoint(0x2400 + number)
    return `⟨U+${number.toString(16).toUpperCase().padStart(4, '0')}⟩`
  })
}
