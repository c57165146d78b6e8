import type { Entries } from './entry.ts'

/**
 * The codes that drover gives rows by itself: of quarantine, corrections and notes. `orQuarantine(code)` and its like give
 * others, which are the author's.
 */
export const rowCodes = {
  missing: {
    meaning: 'A value is null that has to be there.',
    cause: '`required` found null.',
    remedy: 'Fix the rows, or decide on a value with orElse.',
  },
  default: {
    meaning: 'A null was replaced by a value.',
    cause: '`withDefault` put its fallback there.',
    remedy: 'Nothing, where the fallback is right for these rows.',
  },
  malformed: {
    meaning: 'A text does not have the form that is asked for.',
    cause: '`matching` compared it with a regular expression.',
    remedy: 'Fix the rows, or widen the expression.',
  },
  'too-long': {
    meaning: 'A text has more characters than the column takes.',
    cause: '`atMost` counted them.',
    remedy: 'Fix the rows, widen the column, or cut the text off with orElse.',
  },
  placeholder: {
    meaning: 'A text stands for "none".',
    cause: '`meaningful` was told that the source writes such words where it has nothing.',
    remedy: 'Decide with orNull where it is right that nothing stands there; else fix the rows.',
  },
  'not-a-number': {
    meaning: 'A text is no number.',
    cause: 'It does not follow the grammar of numbers that `decimal`, `money`, `percent` and `integer` read.',
    remedy: 'Fix the rows, or name the locale in which they are written.',
  },
  'ambiguous-number': {
    meaning: 'A text is one number in one locale, and another one in another.',
    cause: 'It has one separator with three digits after it, and the locale of the row is not known.',
    remedy: 'Name the locale, or fix the rows. A code of the author does not replace this one.',
  },
  'number-format': {
    meaning: 'A number was read from a text with more than its digits.',
    cause: 'Signs of currencies, thousands, blanks or percent were taken away, or it was multiplied by a factor.',
    remedy: 'Nothing: the text as it was is kept with the correction.',
  },
  'not-an-integer': {
    meaning: 'A number is no whole one.',
    cause: '`integer` or `narrow` found digits other than 0 after the point, or no finite number.',
    remedy: 'Fix the rows, or round them in the mapping.',
  },
  'out-of-range': {
    meaning: 'A number or a time does not fit the type of its column.',
    cause: 'It is beyond what the type, or its precision, holds.',
    remedy: 'Fix the rows, or widen the column.',
  },
  rounded: {
    meaning: 'A number was rounded to the digits that the column keeps.',
    cause: 'The source holds more of them.',
    remedy: 'Keep more digits (`scale`) where they matter; the number as it was is kept with the correction.',
  },
  alias: {
    meaning: 'A word was replaced by the one that it stands for.',
    cause: '`oneOf` found another spelling of a word, or one of its aliases.',
    remedy: 'Nothing: the word as it was is kept with the correction.',
  },
  'not-in-list': {
    meaning: 'A word is none of those that are allowed.',
    cause: '`oneOf` knows neither it nor an alias like it.',
    remedy: 'Fix the rows, or add the word or an alias.',
  },
  'unknown-value': {
    meaning: 'A value is none of those for which another one is declared.',
    cause: '`mapValues` does not list it.',
    remedy: 'Fix the rows, or list the value.',
  },
  'not-a-date': {
    meaning: 'A text is no date of the calendar in the form that is asked for.',
    cause: '`isoDate` or `dateFromText` could not read it.',
    remedy: 'Fix the rows, or name the form in which they are written.',
  },
  'not-an-instant': {
    meaning: 'A text is no date and time in ISO form.',
    cause: '`instantFromText` could not read it.',
    remedy: 'Fix the rows.',
  },
  'cut-off': {
    meaning: 'The digits of a second after the sixth were cut off.',
    cause: 'PostgreSQL keeps microseconds, and the text tells finer ones.',
    remedy: 'Nothing: the text as it was is kept with the correction.',
  },
  'no-zone': {
    meaning: 'Nobody knows in which time zone a time was written.',
    cause: 'The text tells no offset and no zone was given, or the zone comes from data and is null there.',
    remedy: 'Give a zone, or fix the rows. A code of the author does not replace this one.',
  },
  'unknown-zone': {
    meaning: 'A text names no time zone that the server knows.',
    cause: '`timeZone` looked for it among the zones of the server.',
    remedy: 'Fix the rows, or decide on a zone with orElse.',
  },
  'not-finite': {
    meaning: 'A time is infinity or minus infinity, for which there is no instant.',
    cause: 'The source uses it for "for ever".',
    remedy: 'Decide with orNull, or on a time with orElse.',
  },
  'skipped-time': {
    meaning: 'A time was never shown by a clock: it was set forward over it.',
    cause: 'It lies in the gap where summer time begins in its zone.',
    remedy: 'Choose what becomes of such times with the option `gap`.',
  },
  'ambiguous-time': {
    meaning: 'A time was shown by a clock twice: it was set back.',
    cause: 'It lies in the hour where summer time ends in its zone.',
    remedy: 'Choose which of the two is meant with the option `overlap`.',
  },
  'future-timestamp': {
    meaning: 'A time after the cutover was replaced by the cutover.',
    cause: '`clampToCutover` found a time that was yet to come.',
    remedy: 'Nothing, where such times are mistakes; the time as it was is kept with the correction.',
  },
  sentinel: {
    meaning: 'A time stands for "none".',
    cause: '`plausible` was told that the source writes such times where it has none.',
    remedy: 'Decide with orNull where it is right that nothing stands there; else fix the rows.',
  },
  'too-early': {
    meaning: 'A time lies before the first one that can be true.',
    cause: '`plausible` compared it with `from`.',
    remedy: 'Fix the rows, or move the bound.',
  },
  'too-late': {
    meaning: 'A time lies after the last one that can be true.',
    cause: '`plausible` compared it with `until`.',
    remedy: 'Fix the rows, or move the bound.',
  },
  'reversed-range': {
    meaning: 'The beginning of a range lies after its end.',
    cause: '`ordered` compared the two.',
    remedy: 'Fix the rows, or let the ends change places.',
  },
  'not-json': {
    meaning: 'A text is no JSON.',
    cause: '`parseJson` could not read it, or jsonb could not hold it.',
    remedy: 'Fix the rows.',
  },
  'not-an-object': {
    meaning: 'A JSON value that is no object was put into one.',
    cause: '`asObject` found an array, a text, a number or a truth value.',
    remedy: 'Nothing: the value as it was is kept with the correction.',
  },
  orphan: {
    meaning: 'A reference leads to no row.',
    cause: 'The source has no row of that key.',
    remedy: 'Fix the reference, load the row that it means, or decide with orNull.',
  },
  waiting: {
    meaning: 'A reference leads to a row that has no target row: it was set aside or excluded.',
    cause: 'That row is in quarantine, accepted or not, or the mapping excludes it.',
    remedy:
      'Mend a row in quarantine, then drover quarantine retry; of an excluded one decide with orNull. A code of the author does not replace this one.',
  },
  derived: {
    meaning: 'A reference was taken from another column than the first one.',
    cause: '`firstRef`: the first reference leads nowhere, a later one does not.',
    remedy: 'Nothing, where the later one means the same; what stood in the first is kept with the correction.',
  },
  filled: {
    meaning: 'A value was taken from a duplicate.',
    cause: '`filled`: the survivor had none, or the rules prefer that of another row.',
    remedy: 'Nothing: the value as it was is kept with the correction.',
  },
  superseded: {
    meaning: 'The entry of a duplicate was left out of a collection.',
    cause: '`collect` with `distinct` keeps one entry of those that are equal.',
    remedy: 'Nothing: it is only counted.',
  },
  'survivor-quarantined': {
    meaning: 'A duplicate whose survivor was set aside is set aside with it.',
    cause: 'There is no row that it could be merged into.',
    remedy: 'Mend the survivor, then drover quarantine retry: the rows that wait for it follow.',
  },
  'error-<SQLSTATE>': {
    meaning: 'The database refused the row, as in error-23505 or error-22003.',
    cause:
      'A constraint, a trigger or a type of the target does not take it, and no guard of the mapping foresaw that. Constraint, table and column are kept with it.',
    remedy: 'Fix the rows, or let the mapping decide about them. More of them than --max-quarantined stop the run.',
  },
} as const satisfies Entries

/** A code of drover's own under which rows are corrected, noted or set aside. */
export type RowCode = keyof typeof rowCodes
