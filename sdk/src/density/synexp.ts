import { bisectLog } from './bisect.js';
import type { DensityMethod } from './density-method.js';

/**
 * SynExp: the densities that maximise the expected synaptic flow. Cai et al., "Structured Pruning is All You Need for Pruning CNNs
 * at Initialization", arXiv 2203.02549: maximise Σ log p under Σ alpha·p ≤ params and Σ beta·p ≤ MACs, p at most an upper bound.
 * The optimality conditions give p = min(bound, scale / price) with price = theta·alpha + (1 - theta)·beta: under one budget every
 * layer below the bound keeps the same number of weights (or MACs). Bisection on theta where both budgets bind.
 */
export const synexp: DensityMethod = {
  name: 'synexp',
  expands: true,
  findDensities(layers, budget, upperBound) {
    // Costs as shares of the budgets: a budget is used up where its costs sum to 1.
    const params = toCosts(
      layers.map((layer) => layer.prunable),
      budget.params,
    );
    const macs = toCosts(
      layers.map((layer) => layer.macs),
      budget.macs,
    );
    return new Map(solve(params, macs, upperBound).map((density, index) => [layers[index]?.id ?? '', density]));
  },
};

function solve(params: readonly number[], macs: readonly number[], upperBound: number): readonly number[] {
  const byParams = fill(params, params, upperBound);
  if (use(macs, byParams) <= 1) return byParams;
  const byMacs = fill(macs, macs, upperBound);
  if (use(params, byMacs) <= 1) return byMacs;
  // Both bind: with the params used up, the MACs fall as the odds theta / (1 - theta) do.
  const at = (odds: number): readonly number[] =>
    fill(
      params.map((cost, i) => odds * cost + (macs[i] ?? 0)),
      params,
      upperBound,
    );
  return at(bisectLog((odds) => use(macs, at(odds)) <= 1));
}

/** Densities min(bound, scale / price) at the scale that uses the budget up: layers that pass the bound leave the rest to the others. */
function fill(prices: readonly number[], costs: readonly number[], upperBound: number): readonly number[] {
  const densities = prices.map(() => 0);
  for (let settled = false; !settled; ) {
    let [left, rate] = [1, 0];
    for (let i = 0; i < prices.length; i++) {
      if (densities[i] === upperBound) left -= upperBound * (costs[i] ?? 0);
      else rate += (costs[i] ?? 0) / (prices[i] ?? 1);
    }
    settled = true;
    for (let i = 0; i < prices.length; i++) {
      if (densities[i] === upperBound) continue;
      densities[i] = Math.min(upperBound, left / rate / (prices[i] ?? 1));
      if (densities[i] === upperBound) settled = false;
    }
  }
  return densities;
}

function use(costs: readonly number[], densities: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i < costs.length; i++) sum += (costs[i] ?? 0) * (densities[i] ?? 0);
  return sum;
}

/** Without a budget, one that cannot bind. */
function toCosts(sizes: readonly number[], budget = Number.MAX_SAFE_INTEGER): readonly number[] {
  const total = sizes.reduce((sum, size) => sum + size, 0);
  return sizes.map((size) => size / total / budget);
}
