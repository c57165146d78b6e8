// Written by `drover types`. Do not edit.
import type {
  ArrayOf,
  Generated,
  bool,
  int4,
  int8,
  jsonb,
  text,
  timestamp,
} from 'drover'

export type LegacyRole = 'OWNER' | 'EDITOR' | 'READER'

export interface Legacy {
  'legacy.Attachment': {
    id: Generated<int4>
    postId: int4
    file: text
    bytes: int8
  }
  'legacy.Comment': {
    id: Generated<int4>
    postId: int4
    authorId: int4
    parentId: int4 | null
    body: text
    createdAt: Generated<timestamp>
  }
  'legacy.Membership': {
    userId: int4
    teamId: int4
    role: Generated<LegacyRole>
  }
  'legacy.Post': {
    id: Generated<int4>
    authorId: int4
    teamId: int4 | null
    title: text
    body: text
    published: Generated<bool>
    createdAt: Generated<timestamp>
  }
  'legacy.PostTag': {
    postId: int4
    tagId: int4
  }
  'legacy.Profile': {
    id: Generated<int4>
    userId: int4
    bio: text | null
    links: ArrayOf<text> | null
  }
  'legacy.Setting': {
    id: Generated<int4>
    userId: int4
    data: jsonb
  }
  'legacy.Tag': {
    id: Generated<int4>
    label: text
  }
  'legacy.Team': {
    id: Generated<int4>
    slug: text
    createdAt: Generated<timestamp>
  }
  'legacy.User': {
    id: Generated<int4>
    email: text
    name: text
    createdAt: Generated<timestamp>
  }
}
