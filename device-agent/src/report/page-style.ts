const light = `
  --page: #f4f6f8; --surface: #ffffff; --ink: #17202b; --muted: #56616e; --line: #dbe1e8; --grid: #e6eaef; --track: #dfe4ea;
  --original: #6b7684; --crop: #0b62c4; --worse: #c2410c; --doubt: #8a5200; --doubt-back: #fdf1dc;
  color-scheme: light;`;

const dark = `
  --page: #0e1217; --surface: #171d25; --ink: #e6ebf1; --muted: #9ba7b4; --line: #2a333e; --grid: #262f39; --track: #38434f;
  --original: #97a3b1; --crop: #5aa9ff; --worse: #ff8a4c; --doubt: #f0bf6a; --doubt-back: #33281a;
  color-scheme: dark;`;

/** The page's whole style sheet. Colours are the variables that the charts name; nothing is loaded. */
export const pageStyle: string = `
:root {${light} }
@media (prefers-color-scheme: dark) { :root:not([data-theme="light"]) {${dark} } }
:root[data-theme="dark"] {${dark} }

* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif;
  -webkit-text-size-adjust: 100%; text-rendering: optimizeLegibility; }
main, header, footer { max-width: 1080px; margin: 0 auto; padding: 0 clamp(16px, 4vw, 40px); }
header { padding-top: clamp(20px, 4vw, 44px); }
.bar { display: flex; justify-content: space-between; align-items: center; gap: 16px; }
.brand { font-weight: 700; letter-spacing: -0.01em; }
.brand span { color: var(--muted); font-weight: 400; }
button { font: inherit; font-size: 14px; color: var(--muted); background: transparent; border: 1px solid var(--line); border-radius: 999px; padding: 4px 14px; cursor: pointer; }
button:hover { color: var(--ink); border-color: var(--muted); }
button:focus-visible, summary:focus-visible { outline: 2px solid var(--crop); outline-offset: 2px; }
h1 { font-size: clamp(26px, 4.4vw, 42px); line-height: 1.15; letter-spacing: -0.022em; font-weight: 700; margin: clamp(20px, 4vw, 40px) 0 10px; max-width: 24em; text-wrap: balance; }
h2 { font-size: 18px; line-height: 1.3; letter-spacing: -0.01em; margin: 0 0 2px; }
.context { color: var(--muted); margin: 0; max-width: 70ch; }
.note { color: var(--muted); font-size: 14px; line-height: 1.5; margin: 0 0 14px; max-width: 72ch; }

.tiles { display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); background: var(--surface); border: 1px solid var(--line);
  border-radius: 12px; overflow: hidden; margin: 28px 0 20px; padding: 0; list-style: none; }
.tiles li { box-shadow: 1px 1px 0 var(--line); padding: 18px clamp(14px, 2.4vw, 26px) 20px; min-width: 0; }
.tile-name { display: block; font-size: 13px; color: var(--muted); }
.tile-value { display: block; white-space: nowrap; font-size: 34px; line-height: 1.25; font-weight: 700; letter-spacing: -0.02em; color: var(--crop); font-variant-numeric: tabular-nums; }
.tile-value small { font-size: 14px; font-weight: 500; letter-spacing: 0; color: var(--ink); }
.tile-value.worse { color: var(--worse); }
.tile-value.even { color: var(--ink); }
.tile-detail { display: block; font-size: 13px; color: var(--muted); font-variant-numeric: tabular-nums; }
.doubt { display: inline-block; font-size: 12px; line-height: 1.5; color: var(--doubt); background: var(--doubt-back); border-radius: 4px; padding: 0 6px; font-weight: 600; }

.card { background: var(--surface); border: 1px solid var(--line); border-radius: 12px; padding: clamp(16px, 2.4vw, 26px); margin: 0 0 20px; min-width: 0; }
.pair { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 20px; margin: 0 0 20px; }
.pair .card { margin: 0; }
.conclusion p { margin: 0 0 10px; max-width: 68ch; text-wrap: pretty; }
.conclusion > p { font-size: 19px; line-height: 1.45; max-width: 60ch; margin-top: 6px; }
.conclusion .rest { columns: 2 300px; column-gap: 44px; margin-top: 14px; }
.conclusion .rest p { break-inside: avoid; }
.key { display: inline-block; width: 10px; height: 10px; border-radius: 2px; margin: 0 5px 0 0; }
.key-original { background: var(--original); } .key-crop { background: var(--crop); } .key-track { background: var(--track); }

figure { margin: 0; container-type: inline-size; }
.chart { display: none; width: 100%; height: auto; overflow: visible; font-family: inherit; }
@container (max-width: 429.9px) { .at-340 .chart { display: block; } }
@container (min-width: 430px) and (max-width: 569.9px) { .at-480 .chart { display: block; } }
@container (min-width: 570px) and (max-width: 749.9px) { .at-640 .chart { display: block; } }
@container (min-width: 750px) { .at-860 .chart { display: block; } }

.scroll { overflow-x: auto; margin: 0 calc(-1 * clamp(16px, 2.4vw, 26px)); padding: 0 clamp(16px, 2.4vw, 26px); }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; font-size: 15px; }
th, td { padding: 9px 0 9px 20px; text-align: right; vertical-align: baseline; border-top: 1px solid var(--line); white-space: nowrap; }
th:first-child { text-align: left; padding-left: 0; font-weight: 500; white-space: normal; min-width: 128px; }
thead th { border-top: 0; font-size: 13px; color: var(--muted); font-weight: 600; padding-top: 0; }
td small, th small { display: block; color: var(--muted); font-size: 12.5px; line-height: 1.4; font-weight: 400; }
td.ratio { font-weight: 600; }
tr.reason-row td { border-top: 0; padding-top: 0; text-align: left; padding-left: 0; white-space: normal; }

dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(230px, 1fr)); gap: 14px 28px; margin: 14px 0 0; }
dl div { min-width: 0; }
dt { font-size: 13px; color: var(--muted); }
dd { margin: 0; overflow-wrap: anywhere; }
.method li { margin-bottom: 6px; max-width: 74ch; }
.method ul { margin: 10px 0 0; padding-left: 20px; }
footer { color: var(--muted); font-size: 14px; padding-bottom: 48px; }
@media (max-width: 860px) { .pair { grid-template-columns: minmax(0, 1fr); } }
@media (max-width: 560px) {
  .tiles { grid-template-columns: repeat(2, minmax(0, 1fr)); }
  .tiles li:last-child:nth-child(odd) { grid-column: 1 / -1; }
  .tile-value { font-size: 26px; }
  .tile-value small { display: block; font-size: 14px; line-height: 1.3; letter-spacing: 0; }
  tr, thead, tbody, table { display: block; }
  tr { display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); border-top: 1px solid var(--line); padding: 10px 0; }
  thead tr { border-top: 0; padding-top: 0; }
  th, td { border: 0; padding: 0; text-align: left; white-space: normal; }
  tbody th, tr.reason-row td { grid-column: 1 / -1; padding-bottom: 4px; }
  tr.reason-row { border-top: 0; padding-top: 0; }
  thead th:first-child { display: none; }
  td.ratio, th:last-child:not(:first-child) { text-align: right; }
  table.wide { display: table; } .wide thead { display: table-header-group; } .wide tbody { display: table-row-group; }
  .wide tr { display: table-row; } .wide th, .wide td { padding: 9px 0 9px 14px; border-top: 1px solid var(--line); text-align: right; white-space: nowrap; }
  .wide th:first-child, .wide td[colspan] { display: table-cell; padding-left: 0; text-align: left; }
}
@media print {
  :root {${light} --page: #ffffff; }
  button { display: none; }
  .card, .tiles { break-inside: avoid; }
}
`;
