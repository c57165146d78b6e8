import { frameSources } from '../report/html/page.ts'

/**
 * The headers of every answer. A page takes the frame's own style sheet and script, and scripts that this server sends by
 * path; it is never framed, kept, or told of to others.
 */
export function secureHeaders(): Readonly<Record<string, string>> {
  return {
    'Content-Security-Policy': [
      "default-src 'none'",
      `style-src ${frameSources.style} 'self'`,
      `script-src ${frameSources.script} 'self'`,
      "connect-src 'self'",
      "form-action 'self'",
      "base-uri 'none'",
      "frame-ancestors 'none'",
    ].join('; '),
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
    'Cache-Control': 'no-store',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Permissions-Policy': 'camera=(), geolocation=(), microphone=()',
  }
}
