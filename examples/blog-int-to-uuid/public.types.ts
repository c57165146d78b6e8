// Written by `drover types`. Do not edit.
import type {
  ArrayOf,
  Generated,
  bool,
  int8,
  jsonb,
  text,
  timestamp,
  uuid,
} from 'drover'

export type PublicRole = 'OWNER' | 'EDITOR' | 'READER'

export interface Public {
  'public.Attachment': {
    id: uuid
    postId: uuid
    file: text
    bytes: int8
  }
  'public.Comment': {
    id: uuid
    postId: uuid
    authorId: uuid
    parentId: uuid | null
    body: text
    createdAt: Generated<timestamp>
  }
  'public.Membership': {
    userId: uuid
    teamId: uuid
    role: Generated<PublicRole>
  }
  'public.Post': {
    id: uuid
    authorId: uuid
    teamId: uuid | null
    title: text
    body: text
    published: Generated<bool>
    createdAt: Generated<timestamp>
  }
  'public.PostTag': {
    postId: uuid
    tagId: uuid
  }
  'public.Profile': {
    id: uuid
    userId: uuid
    bio: text | null
    links: ArrayOf<text> | null
  }
  'public.Setting': {
    id: uuid
    userId: uuid
    data: jsonb
  }
  'public.Tag': {
    id: uuid
    label: text
  }
  'public.Team': {
    id: uuid
    slug: text
    createdAt: Generated<timestamp>
  }
  'public.User': {
    id: uuid
    email: text
    name: text
    createdAt: Generated<timestamp>
  }
}
