import { oncePer } from '../core/once.js';
import { type Architecture, inputId } from '../ir/architecture.js';
import { type PlacedNode, type PlacedValue, placeNodes, type Setting, widthAt } from '../ir/placed-nodes.js';

export interface ActivationCounter {
  /** The nodes in the order in which they run, which does not depend on how the architecture lists them. */
  readonly nodes: readonly PlacedNode[];
  /** The most numbers that are alive at once in one image's pass. */
  countPeak(setting: Setting): number;
  /** The results that are alive where the most numbers are; what is computed in place is its input's. */
  findPeak(setting: Setting): ReadonlySet<PlacedValue>;
}

/**
 * Counts results that are needed at once: a result lives from the node that writes it to the last that reads it, and an activation or batch norm
 * takes over its input's memory. A count over nodes, quick enough for a search; `measureLiveness` counts over primitives.
 */
export const createActivationCounter: (architecture: Architecture) => ActivationCounter = oncePer((architecture) => {
  const { image, nodes: listed } = placeNodes(architecture);
  const nodes = toCanonicalOrder(listed);
  const { values, freed } = listResults(nodes, image, architecture.output);
  const axes = [...new Set(values.map(({ axis }) => axis))];
  const axisOf = Uint16Array.from(values, ({ axis }) => axes.indexOf(axis));
  const pixels = Float64Array.from(values, (value) => value.pixels);
  const widths = new Float64Array(axes.length);
  const sizes = new Float64Array(values.length);

  const walk = (setting: Setting): { peak: number; at: number } => {
    for (let index = 0; index < axes.length; index++) widths[index] = widthAt(axes[index] as PlacedValue['axis'], setting);
    let [live, peak, at] = [0, 0, 0];
    for (let index = 0; index < values.length; index++) {
      sizes[index] = (pixels[index] as number) * (widths[axisOf[index] as number] as number);
      live += sizes[index] as number;
      if (live > peak) {
        peak = live;
        at = index;
      }
      for (const gone of freed[index] as readonly number[]) live -= sizes[gone] as number;
    }
    return { peak, at };
  };
  return {
    nodes,
    countPeak: (setting) => walk(setting).peak,
    findPeak(setting) {
      const { at } = walk(setting);
      const gone = new Set(freed.slice(0, at).flat());
      return new Set(values.slice(0, at + 1).filter((_, index) => !gone.has(index)));
    },
  };
});

/** The image and the results that take memory of their own, in order; and which of them are needed no more after each. */
function listResults(
  nodes: readonly PlacedNode[],
  image: PlacedValue,
  outputId: string,
): { readonly values: readonly PlacedValue[]; readonly freed: readonly (readonly number[])[] } {
  const lastRead = new Map<string, number>();
  nodes.forEach(({ node }, index) => {
    for (const id of node.inputs) if (id !== outputId) lastRead.set(id, index);
  });
  const values = [image];
  const freed: number[][] = [[]];
  const memoryOf = new Map([[inputId, 0]]);
  nodes.forEach(({ node: { id, op, inputs }, output }, index) => {
    const gone = [...new Set(inputs)].filter((input) => lastRead.get(input) === index).map((input) => memoryOf.get(input) as number);
    const [taken] = gone;
    if (taken !== undefined && (op === 'relu' || op === 'relu6' || op === 'batch-norm')) {
      memoryOf.set(id, taken);
      return;
    }
    memoryOf.set(id, values.length);
    values.push(output);
    freed.push(gone);
  });
  return { values, freed };
}

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
