/** Whether `name` can stand as a property name without quotes. */
function isPlainProperty(name: string): boolean {
  return /^[A-Za-z_$][\w$]*$/.test(name)
}

/** `name` as a key of an interface, quoted where it must be. */
export function renderPropertyKey(name: string): string {
  return isPlainProperty(name) ? name : renderString(name)
}

/** `text` as a string literal in single quotes. */
export function renderString(text: string): string {
  const escaped = JSON.stringify(text)
    .slice(1, -1)
    .replaceAll('\\"', '"')
    .replaceAll("'", "\\'")
    .replaceAll('\u2028', '\\u2028')
    .replaceAll('\u2029', '\\u2029')
  return `'${escaped}'`
}

/** Words in Pascal case as one type name: `public.clinic_status` becomes `PublicClinicStatus`. */
export function renderTypeName(words: string): string {
  const name = words
    .split(/[^\p{ID_Continue}$]+|_/u)
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join('')
  return /^\p{ID_Start}/u.test(name) ? name : `Type${name}`
}
