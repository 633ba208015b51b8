import { createActivationCounter } from '../cost/activation-peak.js';
import type { EngineCosts } from '../cost/cost-model.js';
import { callKernel, countKernels, findKernelNodes, type Purpose, toKernel } from '../cost/kernels.js';
import type { Architecture } from '../ir/architecture.js';
import { macsAt, numbersAt, type PlacedNode, paramsAt, type Setting, widthAt } from '../ir/placed-nodes.js';
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
  const alive = activations.findPeak(Int32Array.from(lattice.groups, ({ width }) => width));
  const inference = createNodeMs(architecture, latency, 'inference');
  const training = createNodeMs(architecture, trainStep, 'training');
  const cells = toCells(activations.nodes).map(createLookup);
  const around = lattice.groups.map((_, group) => cells.filter(({ cell }) => cell.groups.has(group)));
  const memory = latency?.costs.memory;
  const perNumber = (memory?.perActivationByte ?? 0) * (latency?.batch ?? 0) * bytes;
  const perParam = (memory?.perWeightByte ?? 0) * bytes;
  const fixedBytes = memory ? memory.baseBytes + memory.perKernel * countKernels(architecture, 'inference') : 0;

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
      const memoryBytes = latency ? fixedBytes + perParam * params + perNumber * activations.countPeak(setting) : 0;
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
    for (const placed of nodes) {
      add('latencyMs', inference.msOf(placed, setting));
      add('trainStepMs', training.msOf(placed, setting));
      add('params', paramsAt(placed, setting));
      add('macs', macsAt(placed, setting));
      if (alive.has(placed)) add('alive', numbersAt(placed.output, setting));
    }
    return row;
  }
}

interface NodeMs {
  /** Of a call. */
  readonly callMs: number;
  /** Of a node as a kernel of its own, and of all that are alike: 0 for these, and where it is fused. */
  msOf(placed: PlacedNode, setting: Setting): number;
}

/** Milliseconds; 0 where nobody asks. */
function createNodeMs(architecture: Architecture, asked: PlanCost | undefined, purpose: Purpose): NodeMs {
  if (!asked) return { callMs: 0, msOf: () => 0 };
  const { costs, batch } = asked;
  const factor = costs.factorOf(architecture.name);
  const kernels = new Map(findKernelNodes[purpose](architecture).map((kernel) => [kernel.placed, kernel]));
  return {
    callMs: factor * costs.kernelMs(callKernel, batch),
    msOf(placed, setting) {
      const kernel = kernels.get(placed);
      return kernel ? kernel.times * factor * costs.kernelMs(toKernel(kernel, setting), batch) : 0;
    },
  };
}
