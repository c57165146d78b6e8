// Written by `drover types`. Do not edit.
import type {
  ArrayOf,
  Generated,
  bool,
  date,
  int2,
  numeric,
  text,
  timestamptz,
  uuid,
} from 'drover'

export type NewStanding = 'ok' | 'warned' | 'barred'

export interface New {
  'new.books': {
    id: uuid
    isbn: text | null
    title: text
    authors: ArrayOf<text>
    language: text
    subject_id: uuid | null
    price: numeric | null
  }
  'new.copies': {
    id: uuid
    book_id: uuid
    number: int2
    bought: date | null
  }
  'new.loans': {
    id: uuid
    reader_id: uuid
    copy_id: uuid
    taken_at: timestamptz
    returned_at: timestamptz | null
  }
  'new.readers': {
    id: uuid
    name: text
    email: text
    standing: NewStanding
    interests: ArrayOf<text>
    joined_at: timestamptz
    newsletter: Generated<bool>
  }
  'new.subjects': {
    id: uuid
    title: text
    parent_id: uuid | null
  }
}
