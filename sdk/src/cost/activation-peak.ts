import { oncePer } from '../core/once.js';
import { type Architecture, inputId } from '../ir/architecture.js';
import { sizeOf } from '../ir/node.js';
import { numbersAt, type PlacedNode, placeNodes, type Setting } from '../ir/placed-nodes.js';

export interface ActivationCounter {
  /** The nodes in the order in which they run, which does not depend on how the architecture lists them. */
  readonly nodes: readonly PlacedNode[];
  /** The most numbers that are alive at once in one image's pass. */
  countPeak(setting: Setting): number;
  /** The nodes whose outputs are alive where the most are. */
  findPeak(setting: Setting): ReadonlySet<PlacedNode>;
}

/**
 * Counts results that are needed at once: a result lives from the node that writes it to the last that reads it, and an activation or batch norm
 * takes over its input's memory. A count over nodes, quick enough for a search; `measureLiveness` counts over primitives.
 */
export const createActivationCounter: (architecture: Architecture) => ActivationCounter = oncePer((architecture) => {
  const nodes = toCanonicalOrder(placeNodes(architecture).nodes);
  const indexOf = new Map(nodes.map(({ node }, index) => [node.id, index]));
  const lastRead = new Map<string, number>([[architecture.output, nodes.length]]);
  nodes.forEach(({ node }, index) => {
    for (const id of node.inputs) if (id !== architecture.output) lastRead.set(id, index);
  });
  const freed = nodes.map(({ node }, index) => [...new Set(node.inputs)].filter((id) => lastRead.get(id) === index));
  const freedNodes = freed.map((ids) => ids.flatMap((id) => indexOf.get(id) ?? []));
  const freedImage = freed.map((ids) => (ids.includes(inputId) ? sizeOf(architecture.input) : 0));
  const inPlace = nodes.map(
    ({ node: { op } }, index) => (op === 'relu' || op === 'relu6' || op === 'batch-norm') && freed[index]?.length !== 0,
  );
  const sizes = new Float64Array(nodes.length);

  const walk = (setting: Setting): { peak: number; at: number } => {
    let live = sizeOf(architecture.input);
    let [peak, at] = [live, -1];
    for (let index = 0; index < nodes.length; index++) {
      const size = numbersAt((nodes[index] as PlacedNode).output, setting);
      sizes[index] = size;
      const held = live + (inPlace[index] ? 0 : size);
      if (held > peak) [peak, at] = [held, index];
      live += size - (freedImage[index] as number);
      for (const gone of freedNodes[index] as readonly number[]) live -= sizes[gone] as number;
    }
    return { peak, at };
  };
  return {
    nodes,
    countPeak: (setting) => walk(setting).peak,
    findPeak(setting) {
      const { at } = walk(setting);
      return new Set(nodes.slice(0, at + 1).filter(({ node }) => (lastRead.get(node.id) ?? at) >= at));
    },
  };
});

/** Nodes in topological order, of those that are ready the one whose id comes first. */
function toCanonicalOrder(nodes: readonly PlacedNode[]): readonly PlacedNode[] {
  const waiting = nodes.toSorted((a, b) => (a.node.id < b.node.id ? -1 : 1));
  const done = new Set([inputId]);
  const ordered: PlacedNode[] = [];
  while (waiting.length > 0) {
    const index = waiting.findIndex(({ node }) => node.inputs.every((id) => done.has(id)));
    const [next] = waiting.splice(Math.max(index, 0), 1);
    if (!next) break;
    done.add(next.node.id);
    ordered.push(next);
  }
  return ordered;
}
