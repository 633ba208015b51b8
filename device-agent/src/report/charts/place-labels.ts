/** Where a point is, px, and what is to stand beside it. */
export interface Labelled {
  readonly x: number;
  readonly y: number;
  readonly text: string;
}

export interface Placed {
  readonly dx: number;
  readonly dy: number;
  readonly anchor: 'start' | 'middle' | 'end';
}

/** px; top is less than bottom. */
export interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

const charWidth = 6.3; // of 12 px text
const lineHeight = 14;
const markRadius = 7;
const gap = 9;

/** From the best place to the worst: beside the point but off the lines through it, above, below, then further away. */
const places: readonly Placed[] = [
  { dx: gap, dy: -10, anchor: 'start' },
  { dx: gap, dy: 10, anchor: 'start' },
  { dx: -gap, dy: -10, anchor: 'end' },
  { dx: -gap, dy: 10, anchor: 'end' },
  { dx: 0, dy: -16, anchor: 'middle' },
  { dx: 0, dy: 16, anchor: 'middle' },
  { dx: gap, dy: 0, anchor: 'start' },
  { dx: -gap, dy: 0, anchor: 'end' },
  { dx: gap, dy: -22, anchor: 'start' },
  { dx: gap, dy: 22, anchor: 'start' },
  { dx: -gap, dy: -22, anchor: 'end' },
  { dx: -gap, dy: 22, anchor: 'end' },
];

/**
 * A place for each label where it covers neither a point nor another label and stays within the frame, as far as there is one: else the place
 * where it covers least. In the order of the labels.
 */
export function placeLabels(labels: readonly Labelled[], frame: Box): readonly Placed[] {
  const taken: Box[] = labels.map(({ x, y }) => ({
    left: x - markRadius,
    right: x + markRadius,
    top: y - markRadius,
    bottom: y + markRadius,
  }));
  return labels.map((label) => {
    const rated = places.map((place) => ({ place, box: toBox(label, place) }));
    const costs = rated.map(({ box }) => outside(box, frame) * 4 + taken.reduce((sum, other) => sum + overlap(box, other), 0));
    const best = rated[costs.indexOf(Math.min(...costs))] as (typeof rated)[number];
    taken.push(best.box);
    return best.place;
  });
}

function toBox({ x, y, text }: Labelled, { dx, dy, anchor }: Placed): Box {
  const width = text.length * charWidth;
  const left = x + dx - { start: 0, middle: width / 2, end: width }[anchor];
  return { left, right: left + width, top: y + dy - lineHeight / 2, bottom: y + dy + lineHeight / 2 };
}

function overlap(a: Box, b: Box): number {
  const width = Math.min(a.right, b.right) - Math.max(a.left, b.left);
  const height = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
  return Math.max(0, width) * Math.max(0, height);
}

function outside(box: Box, frame: Box): number {
  return (box.right - box.left) * (box.bottom - box.top) - overlap(box, frame);
}
