/**
 * Tables: dense, figures in columns under each other, each in a box that scrolls where the page is narrow. The box has
 * a shade at the edge behind which there is more: what covers the shade moves with the table.
 */
export const tableStyle = `
.scroll {
  overflow-x: auto; margin: 1rem 0;
  background:
    linear-gradient(to right, var(--paper) 1rem, transparent) left / 2rem 100% no-repeat local,
    linear-gradient(to left, var(--paper) 1rem, transparent) right / 2rem 100% no-repeat local,
    linear-gradient(to right, var(--line), transparent) left / .6rem 100% no-repeat scroll,
    linear-gradient(to left, var(--line), transparent) right / .6rem 100% no-repeat scroll;
}
table { min-width: min(100%, 24rem); border-collapse: collapse; font-size: .875rem; line-height: 1.4; }
caption { text-align: left; font-weight: 600; padding-bottom: .3rem; }
th, td { padding: .25rem .75rem .25rem 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; min-width: 3.5rem; max-width: 32rem; overflow-wrap: break-word; }
th:last-child, td:last-child { padding-right: 0; }
thead th { color: var(--soft); font-weight: 600; vertical-align: bottom; }
tbody th { font-weight: normal; }
.figure { text-align: right; font-variant-numeric: tabular-nums; }
td.figure, .instant { white-space: nowrap; }
.chart-cell { min-width: 8rem; width: 30%; }
.sentence { min-width: 15rem; overflow-wrap: anywhere; }
td code, th code { overflow-wrap: normal; }
td code.long, th code.long { display: inline-block; min-width: 12rem; overflow-wrap: anywhere; }
td pre code { overflow-wrap: anywhere; }
td details { margin: 0; }
td pre { min-width: 20rem; }
.total > * { font-weight: 600; border-top: 2px solid var(--line); }
.more { color: var(--soft); padding-top: .5rem; }
tbody tr:hover { background: var(--raised); }
.filter { margin: 1rem 0 -.5rem; font-size: .875rem; }
.filter output { margin-left: .75rem; }
`
