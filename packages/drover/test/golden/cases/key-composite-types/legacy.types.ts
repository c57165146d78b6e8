// Written by `drover types`. Do not edit.
import type {
  date,
  text,
} from 'drover'

export type LegacyShift = 'night' | 'day' | 'afternoon'

export interface Legacy {
  'legacy.rosters': {
    day: date
    shift: LegacyShift
    place: text
    person: text | null
  }
}
