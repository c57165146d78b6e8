import { request } from 'node:http'
import { expect } from 'vitest'
import { openDatabase } from '../../src/db/pg.ts'
import { createAccess } from '../../src/web/access.ts'
import { serve } from '../../src/web/serve.ts'
import type { Site } from '../../src/web/site.ts'
import type { TestDatabase } from '../support/postgres.ts'

export const token = 'token-of-a-test-that-nobody-else-knows'

/** What came back. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly text: string
}

export interface Sent {
  readonly method?: string
  /** Others than a browser that was let in sends; undefined: without it. */
  readonly headers?: Readonly<Record<string, string | undefined>>
  readonly body?: string
}

/** Somebody at a page that is served for the length of a test. */
export interface Visitor {
  readonly base: string
  readonly address: string
  /** The cookie that the token was exchanged for. */
  readonly cookie: string
  readonly formToken: string
  /** Sends a request as a browser that was let in does. */
  send(path: string, sent?: Sent): Promise<Answer>
  /** Sends a form of the page. */
  submit(path: string, fields?: Readonly<Record<string, string>>): Promise<Answer>
  /** The text of a page, without its markup and its head. */
  read(path: string): Promise<string>
}

/** Serves the page of a database, and lets a visitor in for as long as the work takes. */
export async function visit<T>(
  database: Pick<TestDatabase, 'url'>,
  options: Partial<Site>,
  work: (visitor: Visitor) => Promise<T>,
): Promise<T> {
  const db = await openDatabase(database.url)
  const bugs: unknown[] = []
  const site: Site = {
    db,
    token,
    allowsControl: false,
    showsValues: false,
    start: async () => 'They work.',
    functionsOf: async () => new Map(),
    onBug: (thrown) => void bugs.push(thrown),
    ...options,
  }
  const serving = await serve(site, 0)
  const base = `http://127.0.0.1:${serving.port}`
  const entry = await ask(serving.port, serving.address.slice(base.length), {})
  const cookie = String(entry.headers['set-cookie']).split(';')[0]!
  const send = (path: string, { headers = {}, ...sent }: Sent = {}) =>
    ask(serving.port, path, { ...sent, headers: { cookie, origin: base, 'sec-fetch-site': 'same-origin', ...headers } })
  const { formToken } = createAccess(token, serving.port)
  const submit = (path: string, fields: Readonly<Record<string, string>> = {}) =>
    send(path, { method: 'POST', headers: formHeaders, body: formOf({ 'form-token': formToken, ...fields }) })
  const visitor: Visitor = {
    base,
    address: serving.address,
    cookie,
    formToken,
    send,
    submit,
    read: async (path) => textOf((await send(path)).text),
  }
  try {
    return await work(visitor)
  } finally {
    await serving.close()
    await db.close()
    expect(bugs).toEqual([])
  }
}

export const formHeaders = { 'content-type': 'application/x-www-form-urlencoded' }

export function formOf(fields: Readonly<Record<string, string>>): string {
  return new URLSearchParams(fields).toString()
}

/** Not by `fetch`, which says of itself where it comes from and whom it asks. */
export function ask(port: number, path: string, { method = 'GET', headers = {}, body }: Sent): Promise<Answer> {
  const length = body === undefined ? undefined : String(Buffer.byteLength(body))
  const given = Object.entries({ 'content-length': length, ...headers }).filter(
    (pair): pair is [string, string] => pair[1] !== undefined,
  )
  return new Promise((resolve, reject) => {
    const asked = request(
      { host: '127.0.0.1', port, path, method, headers: Object.fromEntries(given), agent: false },
      (response) => {
        let text = ''
        response.setEncoding('utf8').on('data', (part: string) => {
          text += part
        })
        response.on('error', reject).on('end', () => {
          resolve({ status: response.statusCode!, headers: response.headers, text })
        })
      },
    )
    asked.on('error', reject).end(body)
  })
}

/** What is read on a page. */
export function textOf(markup: string): string {
  return unescaped(
    markup
      .replace(/<(head|script|style|title)[\s>][\s\S]*?<\/\1>/g, ' ')
      .replaceAll('<wbr>', '')
      .replace(/<[^>]+>/g, ' '),
  ).replace(/\s+/g, ' ')
}

/** What an escaped text stands for. */
export function unescaped(text: string): string {
  return text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&')
}
