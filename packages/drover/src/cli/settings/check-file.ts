import type { Mistake } from './mistake.ts'
import { nearest } from './nearest.ts'
import { settings } from './table.ts'

const keys = Object.keys(settings)

/** What of the default export of `file` is no `Config`. A key whose value is undefined is one that is left out. */
export function mistakesOf(value: object, file: string): readonly Mistake[] {
  return mistakesUnder('', value, file)
}

/** `under`: the path to the keys of the object, with its last dot. */
function mistakesUnder(under: string, value: object, file: string): readonly Mistake[] {
  return Object.entries(value).flatMap(([name, setting]): readonly Mistake[] => {
    const key = `${under}${name}`
    const isGroup = keys.some((each) => each.startsWith(`${key}.`))
    if (!isGroup && !keys.includes(key)) {
      const what = `${file} has a setting ${key}, which drover does not know.`
      return [{ what, where: file, remedy: suggestion(under, name) }]
    }
    if (setting === undefined) return []
    if (!isGroup) return mistakesIn(key, name, setting, file)
    if (isObject(setting)) return mistakesUnder(`${key}.`, setting, file)
    const remedy = `Write ${name}: { … } with some of: ${namesUnder(`${key}.`).join(', ')}.`
    return [{ what: `The setting ${key} in ${file} must be an object.`, where: file, remedy }]
  })
}

function mistakesIn(key: string, name: string, value: unknown, file: string): readonly Mistake[] {
  const { type } = settings[key as keyof typeof settings]
  if (type.holds(value)) return []
  const remedy = `Write for example ${name}: ${type.example}, or leave it out for the default.`
  return [{ what: `The setting ${key} in ${file} must ${type.must}.`, where: file, remedy }]
}

/** The setting that may have been meant, in the same group before another one; else those that there are. */
function suggestion(under: string, name: string): string {
  const inOrder = [...keys.filter((key) => key.startsWith(under)), ...keys]
  const groups = namesUnder('').filter((group) => !keys.includes(group))
  const candidates = [...inOrder, ...groups].map((key) => ({ name: key, written: [key.split('.').at(-1)!] }))
  const meant = nearest(name, candidates)
  return meant === undefined ? `Those that there are: ${namesUnder(under).join(', ')}.` : `Did you mean ${meant}?`
}

/** The names that an object may have at this place. */
function namesUnder(under: string): readonly string[] {
  const below = keys.filter((key) => key.startsWith(under)).map((key) => key.slice(under.length).split('.')[0]!)
  return [...new Set(below)]
}

/** Whether a value is an object with names, and no list. */
export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
