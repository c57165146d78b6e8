/** Where the parts of a page stand: one column, and from 1,100 pixels on the table of contents beside it. */
export const frameStyle = `
*, ::before, ::after { box-sizing: border-box; }
html { scroll-padding-top: 1rem; -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
.skip { position: absolute; left: 1rem; top: -10rem; padding: .5rem 1rem; background: var(--paper); z-index: 1; }
.skip:focus { top: .5rem; }
.top, .frame, .bottom { max-width: 84rem; margin: 0 auto; padding: 0 1.25rem; }
.top { padding-top: 1.25rem; }
.bottom { padding-top: 2rem; padding-bottom: 2rem; color: var(--soft); }
main:focus { outline: none; }
section { margin-top: 2.5rem; }
section:first-child { margin-top: 1rem; }
.contents { margin: .75rem 0; }
.contents ol { list-style: none; margin: .5rem 0 0; padding: 0; }
.contents a { display: block; padding: .15rem .5rem; color: var(--soft); text-decoration: none; border-left: 2px solid var(--line); }
.contents a:hover, .contents a:focus-visible { color: var(--ink); border-left-color: var(--link); }
@media (min-width: 1100px) {
  .with-contents { display: grid; grid-template-columns: 12rem minmax(0, 1fr); gap: 2.5rem; }
  .contents { position: sticky; top: 1rem; align-self: start; max-height: calc(100vh - 2rem); overflow-y: auto; margin-top: 1rem; }
  @supports selector(::details-content) {
    .contents summary { display: none; }
    .contents details::details-content { content-visibility: visible; block-size: auto; }
  }
}
`
