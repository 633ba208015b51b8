import { type Architecture, inputId } from '../ir/architecture.js';
import { sizeOf } from '../ir/node.js';

export interface ActivationCounter {
  /** The nodes' ids in the order in which they run: that of `sizes`. */
  readonly order: readonly string[];
  /** The most numbers that are alive at once in one image's pass. @param sizes numbers of each node's output */
  countPeak(sizes: Float64Array): number;
  /** The nodes whose outputs are alive where the most are. */
  findPeak(sizes: Float64Array): ReadonlySet<string>;
}

/**
 * Counts results that are needed at once: a result lives from the node that writes it to the last that reads it, and an activation or batch norm
 * takes over its input's memory. A count over nodes, quick enough for a search; `measureLiveness` counts over primitives. Nodes run in an order
 * that does not depend on how the architecture lists them.
 */
export function createActivationCounter(architecture: Architecture): ActivationCounter {
  const nodes = toCanonicalOrder(architecture);
  const indexOf = new Map(nodes.map(({ id }, index) => [id, index]));
  const lastRead = new Map<string, number>([[architecture.output, nodes.length]]);
  nodes.forEach(({ inputs }, index) => {
    for (const id of inputs) if (id !== architecture.output) lastRead.set(id, index);
  });
  const freed = nodes.map(({ inputs }, index) => [...new Set(inputs)].filter((id) => lastRead.get(id) === index));
  const freedNodes = freed.map((ids) => ids.flatMap((id) => indexOf.get(id) ?? []));
  const freedImage = freed.map((ids) => (ids.includes(inputId) ? sizeOf(architecture.input) : 0));
  const inPlace = nodes.map(({ op }, index) => (op === 'relu' || op === 'relu6' || op === 'batch-norm') && (freed[index]?.length ?? 0) > 0);

  const walk = (sizes: Float64Array): { peak: number; at: number } => {
    let live = sizeOf(architecture.input);
    let [peak, at] = [live, -1];
    for (let index = 0; index < sizes.length; index++) {
      const size = sizes[index] as number;
      const held = live + (inPlace[index] ? 0 : size);
      if (held > peak) [peak, at] = [held, index];
      live += size - (freedImage[index] as number);
      for (const gone of freedNodes[index] as readonly number[]) live -= sizes[gone] as number;
    }
    return { peak, at };
  };
  return {
    order: nodes.map(({ id }) => id),
    countPeak: (sizes) => walk(sizes).peak,
    findPeak(sizes) {
      const { at } = walk(sizes);
      return new Set(nodes.slice(0, at + 1).flatMap(({ id }) => ((lastRead.get(id) ?? at) >= at ? [id] : [])));
    },
  };
}

/** Nodes in topological order, of those that are ready the one whose id comes first. */
function toCanonicalOrder({ nodes }: Architecture): Architecture['nodes'] {
  const waiting = [...nodes].sort((a, b) => (a.id < b.id ? -1 : 1));
  const done = new Set([inputId]);
  const ordered: Architecture['nodes'][number][] = [];
  while (waiting.length > 0) {
    const index = waiting.findIndex(({ inputs }) => inputs.every((id) => done.has(id)));
    const [next] = waiting.splice(Math.max(index, 0), 1);
    if (!next) break;
    done.add(next.id);
    ordered.push(next);
  }
  return ordered;
}
