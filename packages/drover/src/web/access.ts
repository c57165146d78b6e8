import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

/** Who may see the page and who may act on it. */
export interface Access {
  /** Cookies know no ports: the name keeps two pages on one machine apart. */
  readonly cookieName: string
  /** What the browser keeps in place of the token. The same after a restart with the same token. */
  readonly session: string
  /** What every form carries: no other page can know it. */
  readonly formToken: string
  isToken(text: string): boolean
  isSession(text: string): boolean
  isFormToken(text: string): boolean
  /**
   * Whether a request is addressed to this very server: a name that was made to lead here (DNS rebinding) is none of
   * ours.
   */
  isOwnHost(host: string | undefined): boolean
  /** Whether a page of ours sent the request. Its browser says so; what says nothing is not believed. */
  isOwnRequest(origin: string | undefined, fetchSite: string | undefined): boolean
}

/** The access to a page on this port of this machine, for whoever knows the token. */
export function createAccess(token: string, port: number): Access {
  const derive = (purpose: string) => createHmac('sha256', token).update(purpose).digest('base64url')
  const [session, formToken] = [derive('session'), derive('form')]
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`]
  const origins = hosts.map((host) => `http://${host}`)
  return {
    cookieName: `drover-${port}`,
    session,
    formToken,
    isToken: (text) => isSame(text, token),
    isSession: (text) => isSame(text, session),
    isFormToken: (text) => isSame(text, formToken),
    isOwnHost: (host) => host !== undefined && hosts.includes(host),
    isOwnRequest(origin, fetchSite) {
      if (fetchSite !== undefined && fetchSite !== 'same-origin') return false
      // A page that sends no referrer gives its origin as null: then only the other header can vouch for it.
      if (origin === undefined || origin === 'null') return fetchSite === 'same-origin'
      return origins.includes(origin)
    },
  }
}

/** Compares in a time that does not tell how much of it was right. */
function isSame(given: string, wanted: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given), digest(wanted))
}
