/**
 * Signed distance of a point to the outline of a shape of radius 1 around the origin: negative inside. Exact near the outline,
 * which is all that anti-aliasing needs.
 */
export type Outline = (u: number, v: number) => number;

/** The ten classes, in label order. */
export const outlines: Readonly<Record<string, Outline>> = {
  disc: (u, v) => Math.hypot(u, v) - 0.85,
  ring: (u, v) => Math.abs(Math.hypot(u, v) - 0.7) - 0.2,
  square: (u, v) => box(u, v) - 0.75,
  frame: (u, v) => Math.abs(box(u, v) - 0.65) - 0.17,
  triangle: (u, v) => Math.max(v, 0.866 * Math.abs(u) - 0.5 * v) - 0.5,
  cross: (u, v) => Math.min(bar(u, v), bar(v, u)),
  star,
  stripes: (u, v) => Math.max(box(u, v) - 0.85, stripe(u)),
  checker: (u, v) => Math.max(box(u, v) - 0.85, Math.min(Math.max(stripe(u), stripe(v)), -Math.min(stripe(u), stripe(v)))),
  dots: (u, v) => Math.max(box(u, v) - 0.95, Math.hypot(fold(u), fold(v)) - 0.19),
};

function box(u: number, v: number): number {
  return Math.max(Math.abs(u), Math.abs(v));
}

function bar(along: number, across: number): number {
  return Math.max(Math.abs(along) - 0.95, Math.abs(across) - 0.27);
}

/** Distance to the nearest of the lines … -0.6, 0, 0.6 …, signed. */
function fold(u: number): number {
  return u - 0.6 * Math.round(u / 0.6);
}

/** Stripes as wide as their gaps. */
function stripe(u: number): number {
  return Math.abs(fold(u)) - 0.15;
}

const fifth = (2 * Math.PI) / 5;
const tip = { x: 1, y: 0 };
const notch = { x: 0.42 * Math.cos(fifth / 2), y: 0.42 * Math.sin(fifth / 2) };
const edge = Math.hypot(notch.x - tip.x, notch.y - tip.y);

/** Five points: fold the plane into half a point, whose outline is one line from tip to notch. */
function star(u: number, v: number): number {
  const angle = Math.atan2(v, u);
  const folded = Math.abs(angle - fifth * Math.round(angle / fifth));
  const radius = Math.hypot(u, v);
  const x = radius * Math.cos(folded);
  const y = radius * Math.sin(folded);
  return ((x - tip.x) * notch.y - y * (notch.x - tip.x)) / edge;
}
