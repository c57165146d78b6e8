/** What the live page has beside the frame that it shares with the report. */
export const pageStyle = `
.place { margin: 0 0 .25rem; }
.parts ul { list-style: none; display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; margin: .75rem 0 0; padding: 0; max-width: none; border-bottom: 1px solid var(--line); }
.parts a { display: block; padding: .25rem 0; text-decoration: none; color: var(--soft); border-bottom: 3px solid transparent; }
.parts a[aria-current] { color: var(--ink); border-bottom-color: var(--link); font-weight: 600; }
main > h2, main > div > h2 { margin-top: 2rem; }
[id^=live-strip-] h3 { margin: .75rem 0 .25rem; }
[id^=live-strip-] figure { margin: 0; }
.meter { width: 15rem; }
.control { display: flex; flex-wrap: wrap; gap: .75rem; align-items: flex-start; margin: 1rem 0; }
.control details { margin: 0; }
button[type=submit] { padding: .3rem .9rem; }
.confirmed > summary { padding: .3rem 0; color: var(--fail); }
.facts { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .15rem 1rem; margin: .5rem 0; }
.facts dt { color: var(--soft); }
.facts dd { margin: 0; }
.fields { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: end; margin: 1rem 0; }
label { color: var(--soft); }
select, textarea { font: inherit; color: var(--ink); background: var(--paper); border: 1px solid var(--soft); border-radius: 4px; padding: .1rem .3rem; }
input, select { max-width: 100%; }
label { min-width: 0; }
textarea { width: min(16rem, 45vw); resize: vertical; vertical-align: top; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.acts { list-style: none; padding: 0; }
.buttons { display: flex; flex-wrap: wrap; gap: .5rem; }
`
