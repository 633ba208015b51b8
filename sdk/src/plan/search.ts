import type { Setting } from '../ir/placed-nodes.js';
import type { BudgetName } from './budget.js';
import type { CostTable, Prices } from './cost-table.js';
import type { Objective } from './objective.js';
import type { WidthLattice } from './width-lattice.js';

/** Settings that may be best under some budget; nothing is known of a budget yet. */
export interface SearchProblem {
  readonly lattice: WidthLattice;
  readonly objective: Objective;
  readonly costs: CostTable;
}

/** Where there are no more settings than this, all are taken. */
export const enumerated = 4096;
/** Prices between "all is free" and "nothing is worth its price", for each mix of costs. */
const priceSteps = 24;
const mostSweeps = 8;
/** How many options up and down a group looks at a time: prices fall slowly, so that a width seldom moves far. */
const reach = 3;
/** Networks of few, coarse widths have few such settings: there those around them are taken too. */
const expandedBelow = 400;
/** Settings on the way from one to another are kept where the mix of costs has grown by this. */
const keptStep = 1.004;
/** A step on that way, as a fraction of the width; one multiple at least. */
const wideStep = 0.06;

/** All settings of a small lattice. */
export function enumerateSettings({ options }: WidthLattice): readonly Setting[] {
  const settings: Setting[] = [];
  const setting = new Int32Array(options.length);
  const choose = (group: number): void => {
    if (group === options.length) {
      settings.push(setting.slice());
      return;
    }
    for (const width of options[group] ?? []) {
      setting[group] = width;
      choose(group + 1);
    }
  };
  choose(0);
  return settings;
}

/**
 * Settings that maximise objective − price, for growing prices of each mix of costs (Everett 1963, "Generalized Lagrange multiplier method"), by
 * coordinate ascent over the groups; and the settings on the way from each to the next wider one, widening step by step where it pays most.
 */
export function searchSettings(problem: SearchProblem): readonly Setting[] {
  const found = new Map<string, Setting>();
  const keep = (setting: Setting): void => void found.set(setting.join(), setting.slice());
  for (const mix of listMixes(problem)) {
    const supported = findSupported(problem, mix);
    supported.forEach(keep);
    supported.forEach((from, index) => {
      const next = supported[index + 1];
      if (next) walkUp(problem, mix, from, next, keep);
    });
  }
  if (found.size < expandedBelow) for (const setting of [...found.values()]) stepAround(problem, setting, keep);
  return [...found.values()];
}

/** All settings that differ in one step of one group. */
function stepAround({ lattice }: SearchProblem, around: Setting, keep: (setting: Setting) => void): void {
  const setting = around.slice();
  lattice.ranges.forEach(({ step, least, most }, group) => {
    const width = around[group] as number;
    for (const other of [width - step, width + step]) {
      if (other < least || other > most) continue;
      setting[group] = other;
      keep(setting);
    }
    setting[group] = width;
  });
}

/** Costs that are added up: what a unit of each is worth, and the same as prices. */
interface Mix {
  readonly worth: Readonly<Partial<Record<BudgetName, number>>>;
  readonly prices: Prices;
}

/** Each cost alone, and the measured ones in pairs; a unit is what the original costs. */
function listMixes({ lattice: { original: setting }, costs }: SearchProblem): readonly Mix[] {
  const original = costs.costOf(setting);
  const mix = (...names: readonly BudgetName[]): Mix => {
    const worth = Object.fromEntries(names.map((name) => [name, 1 / (original[name] ?? 1) / names.length]));
    return { worth, prices: costs.toPrices(worth) };
  };
  const measured = costs.names.filter((name) => name === 'latencyMs' || name === 'trainStepMs' || name === 'memoryBytes');
  const pairs = measured.flatMap((a, index) => measured.slice(index + 1).map((b) => mix(a, b)));
  return [...costs.names.map((name) => mix(name)), ...pairs];
}

/** From the cheapest to the widest setting. */
function findSupported(problem: SearchProblem, { prices }: Mix): readonly Setting[] {
  const { lattice } = problem;
  const setting = Int32Array.from(lattice.options, (widths) => widths[0] as number);
  const supported: Setting[] = [setting.slice()];
  // A group's term changes by about log(width ratio), its price by its share of the mix: prices from 1000 to 0.1 see everything between.
  for (let step = 0; step < priceSteps; step++) {
    const price = 1000 * 10 ** ((-4 * step) / (priceSteps - 1));
    ascend(problem, prices, price, setting);
    if (setting.join() !== supported.at(-1)?.join()) supported.push(setting.slice());
  }
  const widest = Int32Array.from(lattice.options, (widths) => widths.at(-1) as number);
  if (widest.join() !== supported.at(-1)?.join()) supported.push(widest);
  return supported;
}

function ascend({ lattice, objective, costs }: SearchProblem, prices: Prices, price: number, setting: Setting): void {
  const isOpen = new Uint8Array(lattice.options.length).fill(1); // something around it has moved since it was looked at
  for (let sweep = 0; sweep < mostSweeps && isOpen.includes(1); sweep++) {
    for (let group = 0; group < setting.length; group++) {
      if (isOpen[group] === 0) continue;
      isOpen[group] = 0;
      const widths = lattice.options[group] as readonly number[];
      const before = setting[group] as number;
      const at = widths.indexOf(before);
      let best = before;
      let bestValue = Number.NEGATIVE_INFINITY;
      for (let index = Math.max(0, at - reach); index <= Math.min(at + reach, widths.length - 1); index++) {
        const width = widths[index] as number;
        setting[group] = width;
        const value = objective.valueAround(group, setting) - price * costs.priceAround(group, setting, prices);
        if (value > bestValue + 1e-12 || (width === before && value > bestValue - 1e-12)) {
          best = width;
          bestValue = value;
        }
      }
      setting[group] = best;
      if (best !== before) for (const neighbour of costs.neighbours[group] ?? []) isOpen[neighbour] = 1;
    }
  }
}

/** Widens `from` towards `to`, single steps, each time the group that gains most for its price; groups never pass `to`'s width. */
function walkUp(
  { lattice, objective, costs }: SearchProblem,
  { worth, prices }: Mix,
  from: Setting,
  to: Setting,
  keep: (setting: Setting) => void,
): void {
  const setting = from.slice();
  const value = new Float64Array(setting.length);
  const price = new Float64Array(setting.length);
  for (let group = 0; group < setting.length; group++) measureStep(group);
  const total = (): number => {
    const cost = costs.costOf(setting);
    return Object.entries(worth).reduce((sum, [name, each]) => sum + each * (cost[name as BudgetName] ?? 0), 0);
  };
  let now = total();
  let kept = now;
  for (;;) {
    const best = findBest();
    if (best < 0) return;
    now += price[best] as number;
    setting[best] = stepOf(best);
    if (now > keptStep * kept) {
      keep(setting);
      kept = now;
    }
    for (const group of costs.neighbours[best] ?? []) measureStep(group);
  }

  function findBest(): number {
    let best = -1;
    let bestGain = Number.NEGATIVE_INFINITY;
    for (let group = 0; group < setting.length; group++) {
      if ((setting[group] as number) >= (to[group] as number)) continue;
      const gain = (price[group] as number) <= 0 ? Number.MAX_VALUE : (value[group] as number) / (price[group] as number);
      if (gain > bestGain) {
        best = group;
        bestGain = gain;
      }
    }
    return best;
  }

  function stepOf(group: number): number {
    const width = setting[group] as number;
    const step = lattice.ranges[group]?.step ?? 1;
    return Math.min(to[group] as number, width + step * Math.max(1, Math.round((wideStep * width) / step)));
  }

  /** What one step of a group brings and costs. */
  function measureStep(group: number): void {
    const width = setting[group] as number;
    const valueBefore = objective.valueAround(group, setting);
    const priceBefore = costs.priceAround(group, setting, prices);
    setting[group] = stepOf(group);
    value[group] = objective.valueAround(group, setting) - valueBefore;
    price[group] = costs.priceAround(group, setting, prices) - priceBefore;
    setting[group] = width;
  }
}
