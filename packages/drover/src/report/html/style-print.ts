/** On paper: nothing to click at, what is folded is open, tables break between rows. */
export const printStyle = `
@media print {
  @page { margin: 1.5cm; }
  body { font-size: 10pt; }
  .contents, .skip, .filter, .copy, .why, .query { display: none; }
  .with-contents { display: block; }
  .top, .frame, .bottom { max-width: none; padding-left: 0; padding-right: 0; }
  .scroll { overflow: visible; background: none; }
  table { font-size: 7.5pt; width: 100%; }
  th, td { min-width: 0; padding-right: .4rem; }
  .sentence, td code.long, th code.long { min-width: 7rem; }
  .chart-cell { min-width: 6rem; }
  td code, th code { overflow-wrap: anywhere; }
  .mark { font-size: inherit; }
  thead { display: table-header-group; }
  tr, .answers dd, figure { break-inside: avoid; }
  h2, h3, caption, dt, summary { break-after: avoid; }
  .copied pre { padding-right: .75rem; }
  details:not(.long)::details-content { content-visibility: visible; block-size: auto; }
  summary { list-style: none; }
  a { color: inherit; text-decoration: none; }
}
`
