/** Headings, sentences, names, code, and what opens at a click. */
export const textStyle = `
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0; }
h2 { font-size: 1.2rem; line-height: 1.3; margin: 0 0 .75rem; padding-bottom: .3rem; border-bottom: 1px solid var(--line); }
h3 { font-size: 1rem; margin: 1.5rem 0 .5rem; }
p { margin: .5rem 0; max-width: 48rem; }
ul, ol { margin: .5rem 0; padding-left: 1.25rem; max-width: 48rem; }
a { color: var(--link); }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
.soft { color: var(--soft); font-weight: normal; }
code { font: .875em/1.45 ui-monospace, "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; unicode-bidi: isolate; }
.empty { font-style: italic; color: var(--soft); }
pre { margin: .5rem 0; padding: .5rem .75rem; background: var(--raised); border: 1px solid var(--line); border-radius: 4px; white-space: pre-wrap; }
.copied { position: relative; }
.copied pre { padding-right: 5.5rem; }
button { font: inherit; color: var(--ink); background: var(--paper); border: 1px solid var(--soft); border-radius: 4px; padding: .1rem .6rem; cursor: pointer; }
button:hover { background: var(--none-tint); }
.copy { position: absolute; top: .35rem; right: .35rem; font-size: .8125rem; }
input { font: inherit; color: var(--ink); background: var(--paper); border: 1px solid var(--soft); border-radius: 4px; padding: .1rem .5rem; }
summary { cursor: pointer; }
details { margin: .5rem 0; }
details.item { margin: 0; border-top: 1px solid var(--line); }
details.item:last-of-type { border-bottom: 1px solid var(--line); }
details.item > summary { padding: .4rem 0; }
details.item[open] > summary { font-weight: 600; }
details.item > div { padding-left: 1.1rem; padding-bottom: .5rem; }
figure { margin: 1rem 0; }
`
