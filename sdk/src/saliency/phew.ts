import { throwIfCancelled } from '../core/context.js';
import type { Rng } from '../core/rng.js';
import { inputId } from '../ir/architecture.js';
import { type Criterion, oneShot, type Scorer, type ScoringTask } from './criterion.js';
import { type Links, toWalkGraph, type WalkGraph, type WalkNode } from './walk-graph.js';

/** Weights in a row that were all taken before: walks then find hardly anything new, as near density 1. */
const patience = 1000;

/**
 * PHEW, paths with higher edge weights: Patil & Dovrolis 2021, "PHEW: constructing sparse networks that learn fast and generalize well without
 * training data", arXiv 2010.11354. Walks set out from an input channel and from a logit in turn, each the next one; in a layer a walk
 * follows a weight with a probability proportional to its magnitude. The weights that walks have followed stay, until there are enough; where
 * walks find nothing new any more the largest of the others join them.
 *
 * Batch norms and pools only pass a walk on. Where a value forks or a sum joins, all branches are equally likely, but one without weights
 * (an identity) is never taken beside one with weights, as in the authors' code.
 */
export const phew: Criterion = { name: 'phew', needsData: false, schedule: oneShot, createScorer: createPhewScorer };

async function createPhewScorer({ architecture, weights, context }: ScoringTask): Promise<Scorer> {
  const graph = toWalkGraph(architecture, weights);
  const layers = [...graph.nodes.values()].flatMap(({ id, kernel }) => (kernel ? [{ id, kernel }] : []));
  const total = layers.reduce((sum, { kernel }) => sum + kernel.length, 0);
  const above = layers.reduce((most, { kernel }) => kernel.reduce((larger, weight) => Math.max(larger, Math.abs(weight)), most), 1) * 2;
  return {
    async score(_masks, _iteration, density) {
      const rng = context.rng.fork('phew');
      const followed = new Map(layers.map(({ id, kernel }) => [id, new Uint8Array(kernel.length)]));
      let [left, idle] = [Math.round(density * total), 0];
      const keep = ({ id }: WalkNode, weight: number): void => {
        const layer = followed.get(id) as Uint8Array;
        idle++;
        if (left === 0 || layer[weight] === 1) return;
        layer[weight] = 1;
        [left, idle] = [left - 1, 0];
      };
      for (let walk = 0; left > 0 && idle < patience; walk++) {
        if (walk % 1000 === 0) {
          await new Promise(setImmediate); // lets a cancel through
          throwIfCancelled(context);
        }
        const turn = Math.floor(walk / 2);
        if (walk % 2 === 0) walkForward(graph, turn % architecture.input[2], rng, keep);
        else walkBack(graph, architecture.output, turn % architecture.classes, rng, keep);
      }
      return new Map(
        layers.map(({ id, kernel }) => {
          const layer = followed.get(id) as Uint8Array;
          return [id, kernel.map((weight, index) => (layer[index] === 1 ? above : Math.abs(weight)))];
        }),
      );
    },
    dispose: () => {},
  };
}

type Keep = (node: WalkNode, weight: number) => void;

function walkForward({ readers }: WalkGraph, start: number, rng: Rng, keep: Keep): void {
  let [value, channel] = [inputId, start];
  for (;;) {
    // A split leaves channels out: it is no way for them.
    const ways = (readers.get(value) ?? []).filter(({ node, first }) => node.linksFrom(first + channel).ids.length > 0);
    const way = pickBranch(ways, rng);
    if (!way) return;
    const link = pickLink(way.node.linksFrom(way.first + channel), rng);
    keepOneOf(way.node, link, rng, keep);
    [value, channel] = [way.node.id, link % way.node.outputs];
  }
}

function walkBack({ nodes }: WalkGraph, start: string, logit: number, rng: Rng, keep: Keep): void {
  let [value, channel] = [start, logit];
  for (let node = nodes.get(value); node; node = nodes.get(value)) {
    const { originOf } = node;
    const into = node.linksInto(channel);
    if (node.kernel) {
      const link = pickLink(into, rng);
      keepOneOf(node, link, rng, keep);
      ({ value, channel } = originOf(link));
    } else {
      const way = pickBranch([...into.ids].map(originOf), rng);
      if (!way) return;
      ({ value, channel } = way);
    }
  }
}

/** One of the weights of a link's window. */
function keepOneOf(node: WalkNode, link: number, rng: Rng, keep: Keep): void {
  const { kernel, links } = node;
  if (!kernel) return;
  let sum = 0;
  for (let index = link; index < kernel.length; index += links) sum += Math.abs(kernel[index] as number);
  let left = rng.uniform() * sum;
  let index = link;
  for (; index + links < kernel.length; index += links) {
    left -= Math.abs(kernel[index] as number);
    if (left < 0) break;
  }
  keep(node, index);
}

/** One of the branches that have weights; of all, where none has. */
function pickBranch<T extends { readonly weighted: boolean }>(ways: readonly T[], rng: Rng): T | undefined {
  const weighted = ways.filter((way) => way.weighted);
  const among = weighted.length > 0 ? weighted : ways;
  return among.length > 1 ? among[rng.integer(0, among.length - 1)] : among[0];
}

/** A link with a probability proportional to its strength; any, where all are zero. */
function pickLink({ ids, strengths }: Links, rng: Rng): number {
  let [low, high] = [0, ids.length - 1];
  const sum = strengths[high] as number;
  if (sum === 0) return ids[rng.integer(0, high)] as number;
  const point = high > 0 ? rng.uniform() * sum : 0;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((strengths[middle] as number) > point) high = middle;
    else low = middle + 1;
  }
  return ids[low] as number;
}
