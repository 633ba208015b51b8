/** Something that costs `x` and gives `y`. */
export interface Priced {
  readonly x: number;
  readonly y: number;
}

/** Those that no other beats: none is as cheap and as good, and better in one of the two. In the order of their costs. */
export function findParetoFront<T extends Priced>(all: readonly T[]): readonly T[] {
  return all
    .filter((one) => !all.some((other) => other.x <= one.x && other.y >= one.y && (other.x < one.x || other.y > one.y)))
    .toSorted((a, b) => a.x - b.x || a.y - b.y);
}
