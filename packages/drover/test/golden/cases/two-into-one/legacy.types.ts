// Written by `drover types`. Do not edit.
import type {
  int4,
  text,
} from 'drover'

export interface Legacy {
  'legacy.guests': {
    id: int4
    nick: text
  }
  'legacy.seats': {
    number: int4
    staff_id: int4 | null
    guest_id: int4 | null
  }
  'legacy.staff': {
    id: int4
    name: text
  }
}
