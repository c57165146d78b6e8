import { oneOf, ref, rewriteIds } from 'drover'
import { m, newId, newIdByTime, same, table } from './table.ts'

const users = table('User', ['id'], (t) => ({ id: newIdByTime('User', t), ...same(t, 'email', 'name', 'createdAt') }))

const profiles = table('Profile', ['id'], (t) => ({
  id: newId('Profile', t),
  userId: ref(t.userId, users).orQuarantine(),
  ...same(t, 'bio', 'links'),
}))

const teams = table('Team', ['id'], (t) => ({ id: newIdByTime('Team', t), ...same(t, 'slug', 'createdAt') }))

const memberships = table('Membership', ['userId', 'teamId'], (t) => ({
  userId: ref(t.userId, users).orQuarantine(),
  teamId: ref(t.teamId, teams).orQuarantine(),
  role: oneOf(t.role, ['OWNER', 'EDITOR', 'READER']).orQuarantine(),
}))

const posts = table('Post', ['id'], (t) => ({
  id: newIdByTime('Post', t),
  authorId: ref(t.authorId, users).orQuarantine(),
  teamId: ref(t.teamId, teams).orQuarantine(),
  ...same(t, 'title', 'body', 'published', 'createdAt'),
}))

const comments = table('Comment', ['id'], (t) => ({
  id: newIdByTime('Comment', t),
  postId: ref(t.postId, posts).orQuarantine(),
  authorId: ref(t.authorId, users).orQuarantine(),
  parentId: ref(t.parentId, m.later('comment', 'public.Comment')).orQuarantine(),
  ...same(t, 'body', 'createdAt'),
}))

const tags = table('Tag', ['id'], (t) => ({ id: newId('Tag', t), ...same(t, 'label') }))

const postTags = table('PostTag', ['postId', 'tagId'], (t) => ({
  postId: ref(t.postId, posts).orQuarantine(),
  tagId: ref(t.tagId, tags).orQuarantine(),
}))

const attachments = table('Attachment', ['id'], (t) => ({
  id: newId('Attachment', t),
  postId: ref(t.postId, posts).orQuarantine(),
  ...same(t, 'file', 'bytes'),
}))

const settings = table('Setting', ['id'], (t) => ({
  id: newId('Setting', t),
  userId: ref(t.userId, users).orQuarantine(),
  data: rewriteIds(t.data, { pinnedPosts: posts, team: teams }).orKeep('lost-id'),
}))

export default m.migration([
  ...[users, profiles, teams, memberships, posts, comments, tags, postTags, attachments, settings],
])
