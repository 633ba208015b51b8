const light = '--sparse: #9a6200;';
const dark = '--sparse: #e3a83a;';

/** What the page of a comparison adds to every report's style: a third colour, and a table that is wider than a phone. */
export const compareStyle: string = `
:root { ${light} }
@media (prefers-color-scheme: dark) { :root:not([data-theme="light"]) { ${dark} } }
:root[data-theme="dark"] { ${dark} }
main, header, footer { max-width: 1160px; }
header { padding-bottom: 24px; }
.mark { width: 12px; height: 12px; margin: 0 6px -1px 0; overflow: visible; }
.legend { display: flex; flex-wrap: wrap; gap: 4px 20px; margin: 0 0 14px; font-size: 14px; color: var(--muted); }
.wide table { font-size: 14px; }
.wide th, .wide td { padding-left: 11px; }
.wide td small, .wide th small { font-size: 12px; }
.wide th:first-child { min-width: 84px; padding-left: 0; }
.wide tr.heading th { border-top: 0; padding-top: 20px; font-size: 13px; color: var(--muted); font-weight: 600; text-align: left; white-space: normal; }
.wide tr.heading span { position: sticky; left: 0; }
.wide thead th small { font-weight: 400; }
@media (max-width: 560px) {
  .wide table { display: table; }
  .wide thead { display: table-header-group; }
  .wide tbody { display: table-row-group; }
  .wide tr { display: table-row; }
  .wide th, .wide td, .wide tbody th { display: table-cell; padding: 8px 0 8px 14px; border-top: 1px solid var(--line); text-align: right; white-space: nowrap; }
  .wide th:first-child, .wide thead th:first-child { display: table-cell; text-align: left; padding-left: 0; min-width: 120px; white-space: normal; }
}
@media print { :root { ${light} } }
`;
