import { oncePerName } from '../core/once.js';
import { createActivationCounter } from '../cost/activation-peak.js';
import type { EngineCosts } from '../cost/cost-model.js';
import { callKernel, countKernels, findKernelNodes, type KernelNode, type Purpose, toKernel } from '../cost/kernels.js';
import type { Architecture } from '../ir/architecture.js';
import { type Axis, macsAt, numbersAt, type PlacedNode, paramsAt, type Setting, widthAt } from '../ir/placed-nodes.js';
import type { BudgetName, Cost } from './budget.js';
import { type Cell, toCells } from './cells.js';
import type { WidthLattice } from './width-lattice.js';

/** What a plan weighs: engines of a cost model and the batches that they run. Memory is that of the latency's engine. */
export interface PlanCosts {
  readonly latency?: PlanCost | undefined;
  readonly trainStep?: PlanCost | undefined;
}

interface PlanCost {
  readonly costs: EngineCosts;
  readonly batch: number;
}

/** What networks of one architecture cost at any setting of a lattice, remembered cell by cell. */
export interface CostTable {
  /** The costs that it knows. */
  readonly names: readonly BudgetName[];
  costOf(setting: Setting): Cost;
  /** The prices of cells where a unit of each cost is worth so much; memory as if the peak stayed where the original has it. */
  toPrices(worth: Readonly<Partial<Record<BudgetName, number>>>): Prices;
  /** What the nodes around a group add to a weighted sum of costs. */
  priceAround(group: number, setting: Setting, prices: Prices): number;
  /** The groups that share a node with a group, itself too. */
  readonly neighbours: readonly (readonly number[])[];
}

/** What a unit of a column is worth, of those that are worth anything. */
export type Prices = readonly { readonly column: number; readonly worth: number }[];

/** What a cell costs is a row: sums over its nodes. `alive` are the numbers that are needed where the original's memory peaks. */
const columns = { latencyMs: 0, trainStepMs: 1, params: 2, macs: 3, alive: 4 } as const;
const columnCount = 5;
const bytes = 4;

export function createCostTable(architecture: Architecture, lattice: WidthLattice, { latency, trainStep }: PlanCosts): CostTable {
  const activations = createActivationCounter(architecture);
  const alive = activations.findPeak(lattice.original);
  const inference = createKernelCosts(architecture, latency, 'inference');
  const training = createKernelCosts(architecture, trainStep, 'training');
  const memory = latency?.costs.memory;
  const perNumber = (memory?.perActivationByte ?? 0) * (latency?.batch ?? 0) * bytes;
  const perParam = (memory?.perWeightByte ?? 0) * bytes;
  const fixedBytes = memory ? memory.baseBytes + memory.perKernel * countKernels(architecture, 'inference') : 0;

  let rows = new Float64Array(2 ** 16); // of all cells at all settings that were asked for
  let end = 0;
  /** Width by width, where the row of a cell is: cells of one shape, such as those of a stage's blocks, share it. */
  const knownOf = oncePerName((_shape) => new Map<number | string, number>());
  const cells = toCells(activations.nodes).map(createLookup);
  const around = lattice.groups.map((_, group) => cells.filter(({ groups }) => groups.has(group)));
  const last = lattice.original.slice(); // the setting that the cells' rows are of

  return {
    neighbours: around.map((each) => [...new Set(each.flatMap(({ groups }) => [...groups]))]),
    names: [
      ...(latency ? (['latencyMs', 'memoryBytes'] as const) : []),
      ...(trainStep ? (['trainStepMs'] as const) : []),
      'params',
      'macs',
    ],
    costOf(setting) {
      moveTo(setting);
      let latencyMs = inference.callMs;
      let trainStepMs = training.callMs;
      let params = 0;
      let macs = 0;
      for (const { row } of cells) {
        latencyMs += rows[row + columns.latencyMs] as number;
        trainStepMs += rows[row + columns.trainStepMs] as number;
        params += rows[row + columns.params] as number;
        macs += rows[row + columns.macs] as number;
      }
      const memoryBytes = latency ? fixedBytes + perParam * params + perNumber * activations.countPeak(setting) : 0;
      return { params, macs, ...(latency && { latencyMs, memoryBytes }), ...(trainStep && { trainStepMs }) };
    },
    toPrices({ latencyMs = 0, trainStepMs = 0, params = 0, macs = 0, memoryBytes = 0 }) {
      const worths = { latencyMs, trainStepMs, params: params + memoryBytes * perParam, macs, alive: memoryBytes * perNumber };
      return Object.entries(columns).flatMap(([name, column]) => {
        const worth = worths[name as keyof typeof columns];
        return worth === 0 ? [] : [{ column, worth }];
      });
    },
    priceAround(group, setting, prices) {
      const touched = around[group] as readonly Lookup[];
      let price = 0;
      for (let at = 0; at < touched.length; at++) {
        const row = (touched[at] as Lookup).rowAt(setting);
        for (let index = 0; index < prices.length; index++) {
          const { column, worth } = prices[index] as Prices[0];
          price += worth * (rows[row + column] as number);
        }
      }
      return price;
    },
  };

  /** Looks up the rows of cells whose groups have changed since the last time: settings are mostly asked for in steps. */
  function moveTo(setting: Setting): void {
    const moved = new Set<Lookup>();
    for (let group = 0; group < setting.length; group++) {
      if (setting[group] !== last[group]) for (const lookup of around[group] as readonly Lookup[]) moved.add(lookup);
    }
    for (const lookup of moved) lookup.row = lookup.rowAt(setting);
    last.set(setting);
  }

  function createLookup({ nodes, axes, groups }: Cell): Lookup {
    const alives = nodes.filter(({ output }) => alive.has(output));
    const inferenceKernels = inference.kernelsOf(nodes);
    const trainingKernels = training.kernelsOf(nodes);
    const known = knownOf(
      JSON.stringify([
        ...[nodes, alives].map((list) => list.map((node) => toShape(node, axes))),
        ...[inferenceKernels, trainingKernels].map((list) => list.map(({ placed, kind, times }) => [toShape(placed, axes), kind, times])),
      ]),
    );
    const addRow = (setting: Setting): number => {
      const row = end;
      end += columnCount;
      if (end > rows.length) {
        const more = new Float64Array(2 * rows.length);
        more.set(rows);
        rows = more;
      }
      rows[row + columns.latencyMs] = inference.sumMs(inferenceKernels, setting);
      rows[row + columns.trainStepMs] = training.sumMs(trainingKernels, setting);
      let params = 0;
      let macs = 0;
      let numbers = 0;
      for (const node of nodes) {
        params += paramsAt(node, setting);
        macs += macsAt(node, setting);
      }
      for (const node of alives) numbers += numbersAt(node.output, setting);
      rows[row + columns.params] = params;
      rows[row + columns.macs] = macs;
      rows[row + columns.alive] = numbers;
      return row;
    };
    const rowAt = (setting: Setting): number => {
      const key = keyOf(axes, setting);
      let row = known.get(key);
      if (row === undefined) {
        row = addRow(setting);
        known.set(key, row);
      }
      return row;
    };
    return { groups, rowAt, row: rowAt(lattice.original) };
  }
}

/** Equal for nodes of cells that cost the same at the same widths. */
function toShape({ inputs, output, params, macs }: PlacedNode, axes: readonly Axis[]): unknown {
  return [params, macs, ...[...inputs, output].map(({ axis, pixels }) => [axes.indexOf(axis), pixels])];
}

interface Lookup {
  readonly groups: ReadonlySet<number>;
  /** Where its row at a setting begins; it is worked out once for each of its widths. */
  rowAt(setting: Setting): number;
  /** The same at the last setting whose cost was asked for; at first the original's. */
  row: number;
}

/** Widths as one number where it holds them exactly, which is small for two. */
function keyOf(axes: readonly Axis[], setting: Setting): number | string {
  if (axes.length > 3) return axes.map((axis) => widthAt(axis, setting)).join();
  let key = 0;
  for (let index = 0; index < axes.length; index++) key = key * 2 ** 15 + widthAt(axes[index] as Axis, setting);
  return key;
}

/** Milliseconds of kernels; 0 where nobody asks. */
interface KernelCosts {
  /** Of a call. */
  readonly callMs: number;
  /** Those of nodes; what is fused into others, or stands for nothing of its own beside alike ones, has none. */
  kernelsOf(nodes: readonly PlacedNode[]): readonly KernelNode[];
  sumMs(kernels: readonly KernelNode[], setting: Setting): number;
}

function createKernelCosts(architecture: Architecture, asked: PlanCost | undefined, purpose: Purpose): KernelCosts {
  if (!asked) return { callMs: 0, kernelsOf: () => [], sumMs: () => 0 };
  const { costs, batch } = asked;
  const factor = costs.factorOf(architecture.name);
  const kernels = new Map(findKernelNodes[purpose](architecture).map((kernel) => [kernel.placed, kernel]));
  return {
    callMs: factor * costs.kernelMs(callKernel, batch),
    kernelsOf: (nodes) => nodes.flatMap((node) => kernels.get(node) ?? []),
    sumMs: (list, setting) =>
      factor * list.reduce((sum, kernel) => sum + kernel.times * costs.kernelMs(toKernel(kernel, setting), batch), 0),
  };
}
