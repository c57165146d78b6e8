import { createHash } from 'node:crypto'
import { type Html, html, type Part, trusted } from './markup.ts'
import { scriptText } from './script.ts'
import { styleText } from './style.ts'

/** What makes a page of the frame that the report and the live page share. */
export interface Page {
  readonly title: string
  /** Elements of the head that come before the style sheet: a content policy, scripts and styles of the page's own. */
  readonly head?: Part
  /** What the page is about, with the only `h1`. */
  readonly header: Part
  /** The table of contents; a page without one takes the whole width. */
  readonly contents?: readonly ContentsEntry[]
  readonly main: Part
  readonly footer?: Part
}

/** A link to a part of the page. */
export interface ContentsEntry {
  /** The `id` of the part. */
  readonly id: string
  readonly title: string
}

/** What a content security policy has to name for the frame's own style sheet and script to be taken. */
export const frameSources = { style: sourceOf(styleText), script: sourceOf(scriptText) } as const

/**
 * The policy of a page that is a file: nothing is loaded, nothing runs and nothing is sent but what the frame brings
 * along.
 */
export const filePolicy = [
  "default-src 'none'",
  `style-src ${frameSources.style}`,
  `script-src ${frameSources.script}`,
  "base-uri 'none'",
  "form-action 'none'",
].join('; ')

/** The whole document. Pure. */
export function renderPage({ title, head, header, contents = [], main, footer }: Page): string {
  return `<!doctype html>\n${html`<html lang="en">
<head>
<meta charset="utf-8">
${head}
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${title}</title>
<style>${trusted(styleText)}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<header class="top">${header}</header>
<div class="${contents.length === 0 ? 'frame' : 'frame with-contents'}">
${contents.length > 0 && renderContents(contents)}
<main id="main" tabindex="-1">
${main}
</main>
</div>
${footer === undefined ? '' : html`<footer class="bottom">${footer}</footer>`}
<script>${trusted(scriptText)}</script>
</body>
</html>`}\n`
}

/** Folded where the page is narrow; the style sheet keeps it open, and beside the text, where it is wide. */
function renderContents(entries: readonly ContentsEntry[]): Html {
  return html`<nav class="contents" aria-label="Contents"><details><summary>Contents</summary>
<ol>
${entries.map(({ id, title }) => html`<li><a href="#${id}">${title}</a></li>\n`)}</ol>
</details></nav>`
}

/** A source expression by hash: the policy allows these very bytes. */
function sourceOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`
}
