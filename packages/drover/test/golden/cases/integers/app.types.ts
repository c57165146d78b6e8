// Written by `drover types`. Do not edit.
import type {
  int2,
  int4,
  int8,
} from 'drover'

export interface App {
  'app.stock': {
    id: int4
    shelf: int2 | null
    pieces: int4
    serial: int8 | null
    weight: int4 | null
  }
}
