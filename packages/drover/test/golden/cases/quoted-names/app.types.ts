// Written by `drover types`. Do not edit.
import type {
  int4,
  text,
  uuid,
} from 'drover'

export interface App {
  'app.Orders': {
    id: uuid
    from: int4 | null
    'say "hi"': text
    'Größe': text | null
    parentId: uuid | null
  }
}
