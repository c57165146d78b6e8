import type { MiddlewareHandler } from 'hono'
import { getCookie, setCookie } from 'hono/cookie'
import type { Access } from './access.ts'
import { secureHeaders } from './headers.ts'
import { strangerPage } from './pages/stranger.ts'
import type { PageContext, PageEnv } from './services.ts'

/** The name of the token in the address that `drover serve` prints. */
export const tokenName = 'token'

/** Bytes that a form may have: a row with long values. */
const mostFormBytes = 1_048_576

/** Every answer has the headers, those that refuse included. */
export function withHeaders(): MiddlewareHandler {
  const headers = Object.entries(secureHeaders())
  return async (context, next) => {
    await next()
    for (const [name, value] of headers) context.res.headers.set(name, value)
  }
}

/**
 * Lets in who addresses this server by its own name and knows the token, or has the cookie that the token was given for. The
 * token leaves the address bar at once.
 */
export function requireVisitor(access: Access): MiddlewareHandler<PageEnv> {
  return async (context, next) => {
    if (!access.isOwnHost(context.req.header('host'))) {
      return refuse(context, 403, 'This server answers to the name that it has printed, and to no other.')
    }
    const url = new URL(context.req.url)
    const token = url.searchParams.get(tokenName)
    if (token !== null && context.req.method === 'GET') {
      if (!access.isToken(token)) return refuse(context, 403, wrongToken)
      setCookie(context, access.cookieName, access.session, { path: '/', httpOnly: true, sameSite: 'Strict' })
      url.searchParams.delete(tokenName)
      // Two slashes at the beginning would name another host.
      return context.redirect(`${url.pathname.replace(/^\/+/, '/')}${url.search}`, 303)
    }
    if (!access.isSession(getCookie(context, access.cookieName) ?? '')) return refuse(context, 403, wrongToken)
    return next()
  }
}

const wrongToken =
  'This page opens with the address that drover serve has printed when it was started, and with no other.'

/**
 * Lets a request change something: only where that is allowed at all, and only from a form of our own page. What only reads
 * passes.
 */
export function requireForm(access: Access, allowsControl: boolean): MiddlewareHandler<PageEnv> {
  return async (context, next) => {
    const { method } = context.req
    if (method === 'GET' || method === 'HEAD') return next()
    if (method !== 'POST') return refuse(context, 405, 'The page takes no such request.')
    if (!allowsControl) {
      return refuse(context, 403, 'The page only reads. Start drover serve with --allow-control to act from it.')
    }
    if (!access.isOwnRequest(context.req.header('origin'), context.req.header('sec-fetch-site'))) {
      return refuse(context, 403, 'The request does not come from this page.')
    }
    const type = context.req.header('content-type') ?? ''
    if (!/^application\/x-www-form-urlencoded(;|$)/i.test(type)) {
      return refuse(context, 415, 'The page takes forms, and nothing else.')
    }
    const form = await readForm(context)
    if (form === undefined) return refuse(context, 413, 'The form is too large.')
    if (!access.isFormToken(form.get('form-token') ?? '')) {
      return refuse(context, 403, 'The form is not of this page as it is now. Load the page again.')
    }
    context.set('form', form)
    return next()
  }
}

/** The fields of the request; undefined where there are more than anybody would fill in. */
async function readForm(context: PageContext): Promise<URLSearchParams | undefined> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of context.req.raw.body ?? []) {
    bytes += chunk.length
    if (bytes > mostFormBytes) return undefined
    chunks.push(chunk)
  }
  return new URLSearchParams(Buffer.concat(chunks).toString('utf8'))
}

function refuse(context: PageContext, status: 403 | 405 | 413 | 415, why: string): Response | Promise<Response> {
  return context.html(strangerPage(why), status)
}
