/**
 * The style sheet of the charts. What a shape means stands in its class; a class names its colour once, here. The colours
 * are those of Okabe and Ito, which people with any colour vision tell apart, darkened until each has three times the
 * contrast of the paper, and lightened for a dark page. Nothing is told by colour alone: shapes that stand side by side
 * differ in height, outline or place, or carry their name.
 *
 * Of rows: `fill-loaded`, `fill-merged`, `fill-matched`, `fill-quarantined`, `fill-excluded`, `fill-unread`, `fill-lost`.
 * Of chunks: `fill-done`, `fill-retried`, `fill-begun`, `fill-failed`, `fill-open`, `fill-quarantined`.
 * Of time: `fill-prepare`, `fill-load`, `fill-close`, `fill-index`, `fill-foreign-key`, `fill-statistics`.
 * Of figures: `fill-rate`, `fill-spark`, `fill-before`, `fill-after`, `fill-track`.
 * Of the frame: `line-grid`, `line-mean`, `text-strong`, `text-dim`, `text-end`, `text-middle`.
 */
export const chartStyle = `:root {
  --chart-blue: #0072b2;
  --chart-sky: #2b93cf;
  --chart-green: #00825f;
  --chart-amber: #a86f00;
  --chart-red: #c44d00;
  --chart-purple: #a8487f;
  --chart-gray: #6e7378;
  --chart-track: #e3e6e9;
  --chart-grid: #d5d9dd;
  --chart-dim: #575c61;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --chart-blue: #4aa8e0;
    --chart-sky: #8ccbf0;
    --chart-green: #2fbf95;
    --chart-amber: #e6a93a;
    --chart-red: #f5803e;
    --chart-purple: #d98bb6;
    --chart-gray: #969ca2;
    --chart-track: #33383d;
    --chart-grid: #40464c;
    --chart-dim: #aab0b6;
  }
}
@media (forced-colors: active) {
  :root {
    --chart-blue: CanvasText;
    --chart-sky: CanvasText;
    --chart-green: CanvasText;
    --chart-amber: CanvasText;
    --chart-red: Highlight;
    --chart-purple: CanvasText;
    --chart-gray: GrayText;
    --chart-track: Canvas;
    --chart-grid: GrayText;
    --chart-dim: CanvasText;
  }
}
.chart { display: block; font-size: 12px; }
.chart text { fill: currentColor; font-variant-numeric: tabular-nums; }
.chart path { vector-effect: non-scaling-stroke; }
.chart .text-strong { font-weight: 600; }
.chart .text-dim { fill: var(--chart-dim); }
.chart .text-end { text-anchor: end; }
.chart .text-middle { text-anchor: middle; }
.chart-name { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; line-height: 18px; }
.chart-nothing { margin: 4px 0; color: var(--chart-dim); font-size: 12px; }
.fill-loaded, .fill-done, .fill-spark, .fill-load, .fill-after { fill: var(--chart-blue); }
.fill-begun, .fill-prepare { fill: var(--chart-sky); }
.fill-matched, .fill-close { fill: var(--chart-green); }
.fill-retried, .fill-index { fill: var(--chart-amber); }
.fill-quarantined, .fill-failed { fill: var(--chart-red); }
.fill-merged, .fill-foreign-key { fill: var(--chart-purple); }
.fill-excluded, .fill-statistics, .fill-before, .fill-open { fill: var(--chart-gray); }
.fill-track { fill: var(--chart-track); }
.fill-unread, .fill-lost { fill: none; stroke-dasharray: 4 3; stroke-width: 1.5; }
.fill-unread { stroke: var(--chart-gray); }
.fill-lost { stroke: var(--chart-red); }
.fill-rate { fill: var(--chart-blue); fill-opacity: 0.25; stroke: var(--chart-blue); stroke-width: 1.5; }
.line-grid, .line-mean { fill: none; stroke: var(--chart-grid); }
.line-mean { stroke: var(--chart-dim); stroke-dasharray: 4 3; }
.band { fill-opacity: 0.45; }
.fill-done, .fill-retried, .fill-begun, .fill-failed, .fill-open { shape-rendering: crispEdges; }
.chart-legend { display: flex; flex-wrap: wrap; gap: 6px 16px; margin: 4px 0 10px; padding: 0; list-style: none; font-size: 12px; }
.chart-legend svg { margin-right: 5px; vertical-align: -2px; overflow: visible; }
@media (forced-colors: active) {
  .fill-track { stroke: CanvasText; }
}
@media print {
  .chart { break-inside: avoid; }
}
`
