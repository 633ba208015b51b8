import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import { escapeHtml } from '../markup.js';

/** A chart's words for those who do not see it. */
export interface ChartWords {
  readonly title: string;
  /** The values in a sentence. */
  readonly description: string;
}

/** The little of the DOM that is needed here; the package is compiled without the browser's types. */
interface SvgElement {
  readonly attributes: Iterable<{ readonly name: string; readonly value: string }>;
  setAttribute(name: string, value: string): void;
  removeAttribute(name: string): void;
  querySelectorAll(selector: string): Iterable<SvgElement>;
  remove(): void;
  toString(): string;
}

/** A plot as SVG text: the same on every machine, readable alone, coloured by the page's variables. */
export function renderChart(options: Plot.PlotOptions, words: ChartWords): string {
  const { document } = parseHTML('<html><body></body></html>');
  const svg = Plot.plot({ ...options, document }) as unknown as SvgElement;
  for (const style of svg.querySelectorAll('style')) style.remove();
  for (const element of [svg, ...svg.querySelectorAll('*')]) roundNumbers(element);
  // The parts of an image are not read aloud one by one.
  for (const part of svg.querySelectorAll('[aria-label]')) part.removeAttribute('aria-label');
  svg.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  svg.setAttribute('class', 'chart');
  svg.setAttribute('font-size', '12');
  svg.setAttribute('role', 'img');
  // Set in the text: linkedom leaves "<" in attributes, which no XML reader takes.
  const label = escapeHtml(`${words.title}. ${words.description}`);
  return svg.toString().replace('<svg ', () => `<svg aria-label="${label}" `);
}

/** Two decimals of a pixel are enough, and hide the last digits in which machines differ. */
function roundNumbers(element: SvgElement): void {
  for (const { name, value } of [...element.attributes]) {
    if (/\d\.\d{3}/.test(value))
      element.setAttribute(
        name,
        value.replace(/-?\d+\.\d{3,}(e-?\d+)?/g, (digits) => String(+Number(digits).toFixed(2))),
      );
  }
}
