import { PrismaPg } from '@prisma/adapter-pg'
import type { PrismaClient as After } from '../prisma/generated/after/client.ts'

/** All that a reader of the blog can see, without a single id: everything is named by what it holds. */
export async function contentOf(client: After) {
  const users = await client.user.findMany({
    orderBy: { email: 'asc' },
    omit: { id: true },
    include: {
      profile: { omit: { id: true, userId: true } },
      memberships: { select: { role: true, team: { select: { slug: true } } }, orderBy: { team: { slug: 'asc' } } },
    },
  })
  const posts = await client.post.findMany({
    orderBy: { title: 'asc' },
    select: {
      title: true,
      body: true,
      published: true,
      createdAt: true,
      author: { select: { email: true } },
      team: { select: { slug: true } },
      tags: { select: { tag: { select: { label: true } } }, orderBy: { tag: { label: 'asc' } } },
      attachments: { select: { file: true, bytes: true }, orderBy: { file: 'asc' } },
      comments: {
        select: {
          body: true,
          createdAt: true,
          author: { select: { email: true } },
          parent: { select: { body: true } },
        },
        orderBy: { body: 'asc' },
      },
    },
  })
  return { users, posts, settings: await settingsOf(client) }
}

/** The settings, with titles and slugs in place of the ids in their documents; an id that leads nowhere is `lost`. */
async function settingsOf(client: After) {
  const titles = new Map((await client.post.findMany()).map(({ id, title }) => [id, title]))
  const slugs = new Map((await client.team.findMany()).map(({ id, slug }) => [id, slug]))
  const settings = await client.setting.findMany({ include: { user: true }, orderBy: { user: { email: 'asc' } } })
  return settings.map(({ user, data }) => {
    const { pinnedPosts, team, ...others } = data as unknown as { pinnedPosts: string[]; team: string }
    const pinned = pinnedPosts.map((id) => titles.get(id) ?? 'lost')
    return { email: user.email, ...others, team: slugs.get(team) ?? 'lost', pinned }
  })
}

/** The application's client as it will be. */
export async function afterClient(connectionString: string): Promise<After> {
  const { PrismaClient } = await import('../prisma/generated/after/client.ts')
  return new PrismaClient({ adapter: new PrismaPg({ connectionString }) })
}

/**
 * The client as it was, on the tables that were set apart: what is asked above is the same for both, but for the type
 * of ids.
 */
export async function beforeClient(connectionString: string): Promise<After> {
  const { PrismaClient } = await import('../prisma/generated/before/client.ts')
  return new PrismaClient({ adapter: new PrismaPg({ connectionString }, { schema: 'legacy' }) }) as unknown as After
}
