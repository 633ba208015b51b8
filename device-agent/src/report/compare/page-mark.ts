import type { ComparedNetwork } from './comparison.js';

const shapes: Readonly<Record<ComparedNetwork['kind'], string>> = {
  original: '<circle cx="6" cy="6" r="5" fill="var(--original)"/>',
  crop: '<rect x="1.5" y="1.5" width="9" height="9" fill="var(--crop)"/>',
  sparse: '<path d="M6 0.5L11.8 10.5H0.2Z" fill="var(--sparse)"/>',
};

/** The shape that a network has in every chart, as SVG in a line of text. */
export function toMark(kind: ComparedNetwork['kind']): string {
  return `<svg class="mark" viewBox="0 0 12 12" aria-hidden="true">${shapes[kind]}</svg>`;
}

/** What the shapes mean. */
export function toLegend(): string {
  const entries = [
    [toMark('original'), 'original'],
    [toMark('crop'), 'crop, dense'],
    [toMark('sparse'), 'sparse, zeros in place'],
  ];
  const items = entries.map(([mark, words]) => `<span>${mark}${words}</span>`).join('');
  return `<div class="legend">${items}<span>dashed line: no other network is as cheap and as accurate</span></div>`;
}
