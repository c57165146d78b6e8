// Written by `drover types`. Do not edit.
import type {
  ArrayOf,
  Generated,
  date,
  int2,
  int4,
  text,
  timestamp,
} from 'drover'

export type OldStanding = 'ok' | 'warned' | 'barred'

export interface Old {
  'old.books': {
    id: Generated<int4>
    isbn: text | null
    title: text
    authors: ArrayOf<text>
    subject: int4 | null
    price: text | null
  }
  'old.copies': {
    book: int4
    number: int2
    bought: date | null
    shelf: text | null
  }
  'old.loans': {
    id: Generated<int4>
    reader: int4 | null
    book: int4
    number: int2
    taken: timestamp
    returned: timestamp | null
  }
  'old.readers': {
    id: Generated<int4>
    name: text
    email: text | null
    standing: Generated<OldStanding>
    interests: ArrayOf<text> | null
    joined: timestamp
  }
  'old.subjects': {
    id: int4
    title: text
    parent: int4 | null
  }
}
