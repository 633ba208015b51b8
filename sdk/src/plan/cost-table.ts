import { type ActivationCounter, createActivationCounter } from '../cost/activation-peak.js';
import type { EngineCosts } from '../cost/cost-model.js';
import { callKernel, findFused, type Purpose, toKernel, toKernels } from '../cost/kernels.js';
import { type Architecture, inputId, type Node } from '../ir/architecture.js';
import { sizeOf, withChannels } from '../ir/node.js';
import { specOf } from '../ir/ops.js';
import { type ShapedNode, toShapedNodes } from '../ir/shapes.js';
import { findWidthGroups } from '../ir/width-groups.js';
import type { BudgetName, Cost } from './budget.js';
import type { Setting, WidthLattice } from './width-lattice.js';

/** What a plan weighs: engines of a cost model and the batches that they run. Memory is that of the latency's engine. */
export interface PlanCosts {
  readonly latency?: { readonly costs: EngineCosts; readonly batch: number } | undefined;
  readonly trainStep?: { readonly costs: EngineCosts; readonly batch: number } | undefined;
}

/** Costs that are sums over nodes, and the numbers of a node's output. */
interface NodeCost {
  readonly latencyMs: number;
  readonly trainStepMs: number;
  readonly params: number;
  readonly macs: number;
  readonly numbers: number;
}

/** Nodes that cost the same at every setting: the sums and activations of a stage's blocks. */
interface Likes {
  /** Where they stand among all nodes. */
  readonly members: readonly number[];
  readonly groups: ReadonlySet<number>;
  /** Those whose results are needed where the original's memory peaks. */
  readonly alive: number;
  /** Of one of them. */
  readonly at: (setting: Setting) => NodeCost;
}

/** What networks of one architecture cost at any setting of a lattice, remembered node by node. */
export interface CostTable {
  /** The costs that it knows. */
  readonly names: readonly BudgetName[];
  costOf(setting: Setting): Cost;
  /** What the nodes around a group add to a weighted sum of costs; memory as if the peak stayed where the original has it. */
  priceAround(group: number, setting: Setting, prices: Prices): number;
  /** The groups that share a node with a group, itself too. */
  readonly neighbours: readonly (readonly number[])[];
}

/** What a unit of each cost is worth. */
export type Prices = Readonly<Partial<Record<BudgetName, number>>>;

/** A channel axis as a sum of groups, by index, and of channels that stay. */
interface Axis {
  readonly fixed: number;
  readonly groups: readonly number[];
}

const bytes = 4;

export function createCostTable(architecture: Architecture, lattice: WidthLattice, costs: PlanCosts): CostTable {
  const shaped = toShapedNodes(architecture).toSorted((a, b) => (a.node.id < b.node.id ? -1 : 1));
  const axes = findAxes(architecture, lattice);
  const { latency, trainStep } = costs;
  const isFused = { inference: findFused(architecture, 'inference'), training: findFused(architecture, 'training') };
  const toMs = { inference: createNodeMs(architecture, latency, 'inference'), training: createNodeMs(architecture, trainStep, 'training') };
  const callMs = { latencyMs: callMsOf(architecture, latency), trainStepMs: callMsOf(architecture, trainStep) };
  const memory = latency?.costs.memory;
  const activations: ActivationCounter = createActivationCounter(architecture);
  const originalSizes = new Map(shaped.map(({ node, output }) => [node.id, sizeOf(output)]));
  const alive = activations.findPeak((id) => originalSizes.get(id) ?? 0);

  const axisOf = (id: string): Axis => axes.get(id) ?? { fixed: 0, groups: [] };
  /** Equal for nodes that cost the same. */
  const toLikeness = ({ node: { id, inputs, ...node }, ...shapes }: ShapedNode): string =>
    JSON.stringify([node, shapes, [...inputs, id].map(axisOf), inputs.includes(inputId), isFused.inference(id), isFused.training(id)]);
  const byLikeness = new Map<string, number[]>();
  shaped.forEach((each, index) => {
    const likeness = toLikeness(each);
    const members = byLikeness.get(likeness);
    if (members) members.push(index);
    else byLikeness.set(likeness, [index]);
  });
  const likes = [...byLikeness.values()].map((members): Likes => {
    const each = shaped[members[0] as number] as ShapedNode;
    const inputs = each.node.inputs.map(axisOf);
    const output = axisOf(each.node.id);
    const known = new Map<number, NodeCost>();
    // Mostly two: a sum or a depthwise convolution has one and the same axis everywhere. So the key stays a small integer.
    const distinct = [...new Map([output, ...inputs].map((axis) => [`${axis.fixed} ${axis.groups.join()}`, axis])).values()];
    return {
      members,
      groups: new Set([...inputs, output].flatMap(({ groups }) => groups)),
      alive: members.filter((member) => alive.has(shaped[member]?.node.id ?? '')).length,
      at(setting): NodeCost {
        let key = 0;
        for (const axis of distinct) key = key * 8209 + widthAt(axis, setting);
        let cost = known.get(key);
        if (!cost) {
          cost = costAt(
            each,
            inputs.map((axis) => widthAt(axis, setting)),
            widthAt(output, setting),
          );
          known.set(key, cost);
        }
        return cost;
      },
    };
  });
  const around = lattice.groups.map((_, group) => likes.filter(({ groups }) => groups.has(group)));
  const indexOf = new Map(shaped.map(({ node }, index) => [node.id, index]));
  const numbers = new Float64Array(shaped.length);
  const numbersOf = (id: string): number => numbers[indexOf.get(id) as number] as number;
  const perNumber = (memory?.perActivationByte ?? 0) * (latency?.batch ?? 0) * bytes;
  const perParam = (memory?.perWeightByte ?? 0) * bytes;
  const fixedBytes = memory ? memory.baseBytes + memory.perKernel * toKernels(architecture, 'inference').length : 0;

  return {
    neighbours: around.map((each) => [...new Set(each.flatMap(({ groups }) => [...groups]))]),
    names: [
      ...(latency ? (['latencyMs', 'memoryBytes'] as const) : []),
      ...(trainStep ? (['trainStepMs'] as const) : []),
      'params',
      'macs',
    ],
    costOf(setting) {
      let { latencyMs, trainStepMs } = callMs;
      let [params, macs] = [0, 0];
      for (const { members, at } of likes) {
        const cost = at(setting);
        for (const member of members) numbers[member] = cost.numbers;
        latencyMs += members.length * cost.latencyMs;
        trainStepMs += members.length * cost.trainStepMs;
        params += members.length * cost.params;
        macs += members.length * cost.macs;
      }
      const cost: Record<string, number> = { params, macs };
      if (latency && memory) {
        const peak = activations.countPeak(numbersOf);
        cost['latencyMs'] = latencyMs;
        cost['memoryBytes'] = fixedBytes + perParam * params + perNumber * peak;
      }
      if (trainStep) cost['trainStepMs'] = trainStepMs;
      return cost as Cost;
    },
    priceAround(group, setting, prices) {
      const { latencyMs = 0, trainStepMs = 0, params = 0, macs = 0, memoryBytes = 0 } = prices;
      const paramPrice = params + memoryBytes * perParam;
      const numberPrice = memoryBytes * perNumber;
      let price = 0;
      for (const { members, alive, at } of around[group] ?? []) {
        const cost = at(setting);
        const each = latencyMs * cost.latencyMs + trainStepMs * cost.trainStepMs + paramPrice * cost.params + macs * cost.macs;
        price += members.length * each + alive * numberPrice * cost.numbers;
      }
      return price;
    },
  };

  function costAt({ node, inputs, output }: ShapedNode, inChannels: readonly number[], outChannels: number): NodeCost {
    const spec = specOf(node);
    const resized: Node = spec.withWidth ? spec.withWidth(node, outChannels) : node;
    const at: ShapedNode = {
      node: resized,
      inputs: inputs.map((shape, index) => withChannels(shape, inChannels[index] ?? 0)),
      output: withChannels(output, outChannels),
    };
    return {
      latencyMs: toMs.inference(at),
      trainStepMs: toMs.training(at),
      params: spec.countParams(resized, at.inputs),
      macs: spec.countMacs(resized, at.inputs),
      numbers: sizeOf(at.output),
    };
  }
}

function findAxes(architecture: Architecture, { groups }: WidthLattice): ReadonlyMap<string, Axis> {
  const index = new Map(groups.map(({ name }, at) => [name, at]));
  const axes = findWidthGroups(architecture).axes;
  const image: Axis = { fixed: architecture.input[2], groups: [] };
  return new Map([
    [inputId, image],
    ...[...axes].map(([id, parts]): [string, Axis] => [
      id,
      {
        fixed: parts.reduce((sum, { group, channels }) => sum + (group === undefined ? channels : 0), 0),
        groups: parts.flatMap(({ group }) => (group === undefined ? [] : [index.get(group) ?? 0])),
      },
    ]),
  ]);
}

function widthAt({ fixed, groups }: Axis, setting: Setting): number {
  let width = fixed;
  for (const group of groups) width += setting[group] as number;
  return width;
}

/** Milliseconds of a node as a kernel of its own; none where it is fused, or where nobody asks. */
function createNodeMs(architecture: Architecture, asked: PlanCosts['latency'], purpose: Purpose): (shaped: ShapedNode) => number {
  if (!asked) return () => 0;
  const isFused = findFused(architecture, purpose);
  const factor = asked.costs.factorOf(architecture.name);
  return (shaped) => (isFused(shaped.node.id) ? 0 : factor * asked.costs.kernelMs(toKernel(shaped, purpose), asked.batch));
}

function callMsOf(architecture: Architecture, asked: PlanCosts['latency']): number {
  return asked ? asked.costs.factorOf(architecture.name) * asked.costs.kernelMs(callKernel, asked.batch) : 0;
}
