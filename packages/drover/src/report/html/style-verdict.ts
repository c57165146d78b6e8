/** Verdicts by word and sign, and the first screen. */
export const verdictStyle = `
.mark { display: inline-block; white-space: nowrap; padding: 0 .45rem; border: 1px solid currentColor; border-radius: 4px; font-size: .8125rem; font-weight: 600; line-height: 1.4; }
.mark-pass { color: var(--pass); background: var(--pass-tint); }
.mark-warn { color: var(--warn); background: var(--warn-tint); }
.mark-fail { color: var(--fail); background: var(--fail-tint); }
.mark-none { color: var(--none); background: var(--none-tint); }
.headline { border-left: .4rem solid currentColor; padding: .6rem 1rem; margin: .75rem 0 .5rem; max-width: none; font-size: 1.15rem; font-weight: 600; }
.headline .sign { display: inline-block; min-width: 1.2em; }
.headline-pass { color: var(--pass); background: var(--pass-tint); }
.headline-warn { color: var(--warn); background: var(--warn-tint); }
.headline-fail { color: var(--fail); background: var(--fail-tint); }
.headline-none { color: var(--none); background: var(--none-tint); }
.figures { display: flex; flex-wrap: wrap; gap: .75rem 2rem; margin: 1rem 0; }
.figures dt { color: var(--soft); font-size: .875rem; }
.figures small { white-space: nowrap; }
.figures dd { margin: 0; font-size: 1.35rem; line-height: 1.3; font-variant-numeric: tabular-nums; }
.columns { display: grid; gap: 0 2.5rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 22rem), 1fr)); align-items: start; }
.criteria { list-style: none; padding: 0; }
.criteria li { margin: .4rem 0; }
.answers { margin: 0; }
.answers dt { font-weight: 600; margin-top: .75rem; }
.answers dt:first-child { margin-top: 0; }
.answers dd { margin: .15rem 0 0; }
`
