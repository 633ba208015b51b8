import { type Architecture, inputId } from '../ir/architecture.js';
import { sizeOf } from '../ir/node.js';

export interface ActivationCounter {
  /** The most numbers that are alive at once in one image's pass, where `sizeOf` gives those of a node's output. */
  countPeak(sizeOf: (id: string) => number): number;
  /** The nodes whose outputs are alive where the most are. */
  findPeak(sizeOf: (id: string) => number): ReadonlySet<string>;
}

/**
 * Counts results that are needed at once: a result lives from the node that writes it to the last that reads it, and an activation or batch norm
 * takes over its input's memory. A count over nodes, quick enough for a search; `measureLiveness` counts over primitives. Nodes run in an order
 * that does not depend on how the architecture lists them.
 */
export function createActivationCounter(architecture: Architecture): ActivationCounter {
  const nodes = toCanonicalOrder(architecture);
  const lastRead = new Map<string, number>([[architecture.output, nodes.length]]);
  nodes.forEach(({ inputs }, index) => {
    for (const id of inputs) if (id !== architecture.output) lastRead.set(id, index);
  });
  const freed = nodes.map(({ inputs }, index) => [...new Set(inputs)].filter((id) => lastRead.get(id) === index));
  const inPlace = nodes.map(({ op }, index) => (op === 'relu' || op === 'relu6' || op === 'batch-norm') && (freed[index]?.length ?? 0) > 0);
  const image = sizeOf(architecture.input);

  const walk = (sizeAt: (id: string) => number): { peak: number; at: number } => {
    let live = image;
    let [peak, at] = [live, -1];
    nodes.forEach(({ id }, index) => {
      const size = sizeAt(id);
      const held = live + (inPlace[index] ? 0 : size);
      if (held > peak) [peak, at] = [held, index];
      live += size;
      for (const gone of freed[index] ?? []) live -= gone === inputId ? image : sizeAt(gone);
    });
    return { peak, at };
  };
  return {
    countPeak: (sizeAt) => walk(sizeAt).peak,
    findPeak(sizeAt) {
      const { at } = walk(sizeAt);
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
