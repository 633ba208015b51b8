import { toScriptJson, typeset } from './markup.js';
import { pageStyle } from './page-style.js';

/** Widths that a chart is drawn at, px; the style sheet shows the one that fits, so that text keeps its size. */
const chartWidths = [340, 480, 640, 860] as const;

const toggleScript = `
const button = document.getElementById('theme'), root = document.documentElement;
const isDark = () => root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
const label = () => { button.textContent = isDark() ? 'Light' : 'Dark'; };
button.onclick = () => { root.dataset.theme = isDark() ? 'light' : 'dark'; label(); };
button.hidden = false; label();`;

export interface PageParts {
  /** Plain text: what the report is of, its finding, and under what it was found. */
  readonly brand: string;
  readonly title: string;
  readonly headline: string;
  readonly context: string;
  /** Markup. */
  readonly main: string;
  /** The whole report, which stands in the page as JSON. */
  readonly data: unknown;
  /** Rules of this page alone. */
  readonly style?: string;
}

/** One HTML document that loads nothing, in a light and a dark theme. */
export function toPage({ brand, title, headline, context, main, data, style = '' }: PageParts): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${typeset(title)} · PreCrop</title>
<style>${pageStyle}${style}</style>
</head>
<body>
<header>
<div class="bar"><div class="brand">PreCrop <span>${typeset(brand)}</span></div><button id="theme" type="button" aria-label="Switch between light and dark" hidden></button></div>
<h1>${typeset(headline)}</h1>
<p class="context">${typeset(context)}</p>
</header>
<main>
${main}
</main>
<footer>Every sample is in this file as JSON (element <code>report-data</code>), and in <code>report.json</code> beside it.</footer>
<script type="application/json" id="report-data">${toScriptJson(data)}</script>
<script>${toggleScript}
</script>
</body>
</html>
`;
}

/** @param note is markup. */
export function toSection(title: string, note: string, content: string): string {
  return `<section class="card"><h2>${typeset(title)}</h2><p class="note">${note}</p>${content}</section>`;
}

/** The first sentence large, the others below in columns. */
export function toConclusionCard(title: string, [finding = '', ...rest]: readonly string[]): string {
  const paragraphs = (sentences: readonly string[]): string => sentences.map((sentence) => `<p>${typeset(sentence)}</p>`).join('');
  return `<section class="card conclusion"><h2>${typeset(title)}</h2>${paragraphs([finding])}<div class="rest">${paragraphs(rest)}</div></section>`;
}

/** A chart, drawn at each width. @param draw gives SVG. */
export function toFigure(draw: (width: number) => string): string {
  return `<figure>${chartWidths.map((width) => `<div class="at-${width}">${draw(width)}</div>`).join('')}</figure>`;
}
