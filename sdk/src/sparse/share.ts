/** A part of a step: `rows` of a lane in `channels`, both from the first to before the last. */
export interface Share {
  readonly channels: readonly [number, number];
  readonly rows: readonly [number, number];
}

/** Vectors of multiply-accumulates of a step below which it is not worth a thread's attention: about half a microsecond. */
const smallStep = 1500;

/**
 * All of a step, and behind it the parts that threads can take; none where it is small. Parts are some of the rows where there are enough: then
 * a thread works on the same part of the image in each layer, and every row takes as long as any other. Else they are some of the channels, by
 * their `costs` a vector of outputs.
 */
export function shareOut(costs: readonly number[], rows: number, width: number, threads: number): readonly Share[] {
  const all: Share = { channels: [0, costs.length], rows: [0, rows] };
  const total = costs.reduce((sum, cost) => sum + cost, 0);
  if (threads === 1 || total * rows * width < smallStep) return [all];
  const byRows = rows >= threads;
  const bounds = byRows ? divideEvenly(rows, threads) : divideByCost(costs, total, Math.min(costs.length, threads));
  const shares = bounds.slice(1).map((bound, part): Share => {
    const run = [bounds[part] as number, bound] as const;
    return byRows ? { ...all, rows: run } : { ...all, channels: run };
  });
  return [all, ...shares];
}

function divideEvenly(count: number, parts: number): readonly number[] {
  return Array.from({ length: parts + 1 }, (_, part) => Math.round((count * part) / parts));
}

/** Bounds of runs of items whose costs are as equal as whole items allow. */
function divideByCost(costs: readonly number[], total: number, parts: number): readonly number[] {
  const bounds = [0];
  let [item, sum] = [0, 0];
  for (let part = 1; part < parts; part++) {
    const wanted = (total * part) / parts;
    // The item that lies across the bound goes where most of it lies.
    while (item < costs.length && sum + (costs[item] as number) / 2 <= wanted) sum += costs[item++] as number;
    bounds.push(item);
  }
  return [...bounds, costs.length];
}

export const shareBytes = 32;

/** As ./assembly/share.ts reads it; `tap` is where the weights of the first channel begin. */
export function writeShare({ channels, rows }: Share, tap: number, view: DataView): void {
  [...channels, ...rows, tap].forEach((word, index) => {
    view.setUint32(4 * index, word, true);
  });
}
