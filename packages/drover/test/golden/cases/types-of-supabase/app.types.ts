// Written by `drover types`. Do not edit.
import type {
  Generated,
  GeneratedAlways,
  IdentityAlways,
  int4,
  int8,
  text,
  timestamptz,
  uuid,
} from 'drover'

export type AppMood = 'glad' | 'sad'

export interface App {
  'app.notes': {
    id: uuid
    number: IdentityAlways<int8>
    author: text
    body: text | null
    mood: Generated<AppMood>
    written_at: Generated<timestamptz>
    length: GeneratedAlways<int4 | null>
  }
}
