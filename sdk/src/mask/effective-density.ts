import { type Architecture, inputId } from '../ir/architecture.js';
import { channelsOf, type Shape } from '../ir/node.js';
import { specOf } from '../ir/ops.js';
import { type ShapedNode, toShapedNodes } from '../ir/shapes.js';
import { countDensity, type Masks } from './masks.js';

/**
 * The masks without those weights that lie on no path from the image to a logit: what they are changes no output but by a constant. Vysogorets &
 * Kempe 2023, "Connectivity matters: neural network pruning through the lens of effective sparsity", arXiv 2107.02306, §3. A path goes from
 * channel to channel; where in an image a weight falls is not looked at. Layers without a mask count as whole.
 */
export function findEffectiveMasks(architecture: Architecture, masks: Masks): Masks {
  const nodes = toShapedNodes(architecture).map((shaped) => toLinks(shaped, masks.get(shaped.node.id)));
  const reached = followForward(architecture, nodes);
  const needed = followBackward(architecture, nodes);
  return new Map(
    nodes.flatMap(({ id, inputs, mask, eachLink }): [string, Uint8Array][] => {
      if (!mask) return [];
      const comes = joinChannels(inputs, reached);
      const goes = needed.get(id);
      const effective = new Uint8Array(mask.length);
      eachLink((from, to, weight) => {
        if (comes[from] === 1 && goes?.[to] === 1) effective[weight] = 1;
      });
      return [[id, effective]];
    }),
  );
}

/** Share of all weights that is kept and lies on a path from the image to a logit: never above the density of the masks. */
export function countEffectiveDensity(architecture: Architecture, masks: Masks): number {
  return countDensity(findEffectiveMasks(architecture, masks));
}

/** A node as links between channels. */
interface LinkedNode {
  readonly id: string;
  readonly inputs: readonly { readonly id: string; readonly channels: number }[];
  readonly outputs: number;
  readonly mask: Uint8Array | undefined;
  /** Visits every link: of a kernel those by its kept weights. `from` is a channel of the joined inputs. */
  eachLink(visit: (from: number, to: number, weight: number) => void): void;
}

function toLinks({ node, inputs, output }: ShapedNode, mask: Uint8Array | undefined): LinkedNode {
  const outputs = channelsOf(output);
  const readsOf = specOf(node).reads(node, inputs);
  const sources = Array.from({ length: outputs }, (_, channel) => readsOf(channel));
  const reads = sources[0]?.length ?? 0;
  return {
    id: node.id,
    inputs: node.inputs.map((id, index) => ({ id, channels: channelsOf(inputs[index] as Shape) })),
    outputs,
    mask,
    eachLink(visit) {
      if (!mask) sources.forEach((channels, to) => void channels.forEach((from) => void visit(from, to, -1)));
      // [window, reads, outputs]
      for (let weight = mask?.indexOf(1) ?? -1; weight >= 0; weight = mask?.indexOf(1, weight + 1) ?? -1) {
        const to = weight % outputs;
        visit(sources[to]?.[Math.floor(weight / outputs) % reads] as number, to, weight);
      }
    },
  };
}

/** A byte a channel, of each node: whether something of the image comes there. */
function followForward({ input }: Architecture, nodes: readonly LinkedNode[]): ReadonlyMap<string, Uint8Array> {
  const reached = new Map([[inputId, new Uint8Array(input[2]).fill(1)]]);
  for (const { id, inputs, outputs, eachLink } of nodes) {
    const comes = joinChannels(inputs, reached);
    const goes = new Uint8Array(outputs);
    eachLink((from, to) => {
      if (comes[from] === 1) goes[to] = 1;
    });
    reached.set(id, goes);
  }
  return reached;
}

/** A byte a channel, of each node: whether a logit depends on it. */
function followBackward({ output, input }: Architecture, nodes: readonly LinkedNode[]): ReadonlyMap<string, Uint8Array> {
  const needed = new Map(nodes.map(({ id, outputs }) => [id, new Uint8Array(outputs).fill(id === output ? 1 : 0)]));
  needed.set(inputId, new Uint8Array(input[2]));
  for (const { id, inputs, eachLink } of nodes.toReversed()) {
    const goes = needed.get(id);
    const comes = joinChannels(inputs, needed);
    eachLink((from, to) => {
      if (goes?.[to] === 1) comes[from] = 1;
    });
    let first = 0;
    for (const { id: source, channels } of inputs) {
      const known = needed.get(source);
      for (let channel = 0; channel < channels; channel++) if (known && comes[first + channel] === 1) known[channel] = 1;
      first += channels;
    }
  }
  return needed;
}

/** The inputs' channels one behind the other. */
function joinChannels(inputs: LinkedNode['inputs'], of: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const joined = new Uint8Array(inputs.reduce((sum, { channels }) => sum + channels, 0));
  let first = 0;
  for (const { id, channels } of inputs) {
    joined.set(of.get(id) ?? new Uint8Array(channels), first);
    first += channels;
  }
  return joined;
}
