import { createActivationCounter } from '../cost/activation-peak.js';
import type { EngineCosts } from '../cost/cost-model.js';
import { callKernel, countWork, findFused, kindFor, type Purpose, toKernels, type Work } from '../cost/kernels.js';
import type { Architecture } from '../ir/architecture.js';
import { type PlacedNode, placeNodes, resizeNode, type Setting, widthAt } from '../ir/placed-nodes.js';
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

/** What a unit of each column is worth. */
export type Prices = Float64Array;

/** What a cell costs is a row: sums over its nodes. `alive` are the numbers that are needed where the original's memory peaks. */
const columns = { latencyMs: 0, trainStepMs: 1, params: 2, macs: 3, alive: 4 } as const;
const columnCount = 5;
const bytes = 4;

export function createCostTable(architecture: Architecture, lattice: WidthLattice, { latency, trainStep }: PlanCosts): CostTable {
  const activations = createActivationCounter(architecture);
  const nodes = placeInOrder(architecture, lattice, activations.order);
  const sizes = new Float64Array(nodes.length);
  const sizesAt = (setting: Setting): Float64Array => {
    for (let index = 0; index < nodes.length; index++) {
      const { output, pixels } = nodes[index] as (typeof nodes)[0];
      sizes[index] = pixels * widthAt(output, setting);
    }
    return sizes;
  };
  const alive = activations.findPeak(sizesAt(Int32Array.from(lattice.groups, ({ width }) => width)));
  const inference = createNodeMs(architecture, latency, 'inference');
  const training = createNodeMs(architecture, trainStep, 'training');
  const cells = toCells(nodes).map(createLookup);
  const around = lattice.groups.map((_, group) => cells.filter(({ cell }) => cell.groups.has(group)));
  const memory = latency?.costs.memory;
  const perNumber = (memory?.perActivationByte ?? 0) * (latency?.batch ?? 0) * bytes;
  const perParam = (memory?.perWeightByte ?? 0) * bytes;
  const fixedBytes = memory ? memory.baseBytes + memory.perKernel * toKernels(architecture, 'inference').length : 0;

  let rows = new Float64Array(2 ** 16); // of all cells at all settings that were asked for
  let end = 0;

  return {
    neighbours: around.map((each) => [...new Set(each.flatMap(({ cell }) => [...cell.groups]))]),
    names: [
      ...(latency ? (['latencyMs', 'memoryBytes'] as const) : []),
      ...(trainStep ? (['trainStepMs'] as const) : []),
      'params',
      'macs',
    ],
    costOf(setting) {
      const total = Float64Array.of(inference.callMs, training.callMs, 0, 0, 0);
      for (const { rowAt } of cells) {
        const row = rowAt(setting);
        for (let column = 0; column < columnCount; column++) total[column] = (total[column] as number) + (rows[row + column] as number);
      }
      const [latencyMs = 0, trainStepMs = 0, params = 0, macs = 0] = total;
      const memoryBytes = latency ? fixedBytes + perParam * params + perNumber * activations.countPeak(sizesAt(setting)) : 0;
      return { params, macs, ...(latency && { latencyMs, memoryBytes }), ...(trainStep && { trainStepMs }) };
    },
    toPrices({ latencyMs = 0, trainStepMs = 0, params = 0, macs = 0, memoryBytes = 0 }) {
      return Float64Array.of(latencyMs, trainStepMs, params + memoryBytes * perParam, macs, memoryBytes * perNumber);
    },
    priceAround(group, setting, prices) {
      let price = 0;
      for (const { rowAt } of around[group] as typeof cells) {
        const row = rowAt(setting);
        for (let column = 0; column < columnCount; column++) price += (prices[column] as number) * (rows[row + column] as number);
      }
      return price;
    },
  };

  /** Where a cell's row at a setting is; it is worked out once for each of its widths. */
  function createLookup(cell: Cell): { readonly cell: Cell; readonly rowAt: (setting: Setting) => number } {
    const known = new Map<number, number>();
    return {
      cell,
      rowAt(setting) {
        let key = 0; // of two widths a small integer
        for (const axis of cell.axes) key = key * 8209 + widthAt(axis, setting);
        let row = known.get(key);
        if (row === undefined) {
          row = addRow(cell, setting);
          known.set(key, row);
        }
        return row;
      },
    };
  }

  function addRow({ nodes }: Cell, setting: Setting): number {
    const row = end;
    end += columnCount;
    if (end > rows.length) {
      const more = new Float64Array(2 * rows.length);
      more.set(rows);
      rows = more;
    }
    const add = (column: keyof typeof columns, value: number): void => {
      rows[row + columns[column]] = (rows[row + columns[column]] as number) + value;
    };
    for (const node of nodes) {
      const { id } = node.shaped.node;
      const work = countWork(resizeNode(node, setting));
      add('latencyMs', inference.msOf(id, work));
      add('trainStepMs', training.msOf(id, work));
      add('params', work.weights);
      add('macs', work.macs);
      if (alive.has(id)) add('alive', work.writes);
    }
    return row;
  }
}

function placeInOrder(architecture: Architecture, { groups }: WidthLattice, order: readonly string[]): readonly PlacedNode[] {
  const names = groups.map(({ name }) => name);
  const placed = new Map(placeNodes(architecture, names).map((node) => [node.shaped.node.id, node]));
  return order.map((id) => placed.get(id) as PlacedNode);
}

interface NodeMs {
  /** Of a call. */
  readonly callMs: number;
  /** Of a node as a kernel of its own: 0 where it is fused. */
  msOf(id: string, work: Work): number;
}

/** Milliseconds; 0 where nobody asks. */
function createNodeMs(architecture: Architecture, asked: PlanCost | undefined, purpose: Purpose): NodeMs {
  if (!asked) return { callMs: 0, msOf: () => 0 };
  const { costs, batch } = asked;
  const factor = costs.factorOf(architecture.name);
  const isFused = findFused(architecture, purpose);
  const kinds = new Map(architecture.nodes.flatMap((node) => (isFused(node.id) ? [] : [[node.id, kindFor(node, purpose)] as const])));
  return {
    callMs: factor * costs.kernelMs(callKernel, batch),
    msOf(id, work) {
      const kind = kinds.get(id);
      return kind === undefined ? 0 : factor * costs.kernelMs({ kind, ...work }, batch);
    },
  };
}
