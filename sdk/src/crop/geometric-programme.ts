import { bisectLog } from '../density/bisect.js';
import { type FractionBudget, usedShare, validateBudget } from '../density/budget.js';
import { countKept, type KeptFractions } from '../density/layer-densities.js';
import { type CropModel, realisedDensities, type WidthRatios } from './crop-layers.js';

export interface GeometricProgrammeOptions {
  /** The largest ratio of a group. */
  readonly upperBound?: number;
  /** Groups that get the same name keep one ratio, such as all groups of a stage. Each group is free otherwise. */
  readonly tie?: (group: string) => string;
}

/** Coordinate ascent stops where no logarithm of a ratio moves by more. */
const tolerance = 1e-11;
const maxSweeps = 2000;

/**
 * SynExp on widths instead of densities: maximise Σ log p over the logarithms of the width ratios, where p of a layer is the product
 * of its sides, under budgets of prunable weights and MACs. Convex in the logarithms (Boyd et al., "A tutorial on geometric
 * programming", 2007); a side that is a concatenation is replaced by its tangent monomial at every sweep.
 *
 * The optimum keeps residual streams whole and starves the widths inside blocks, because Σ log p does not fix the split between the
 * two. Use `toWidthRatios` for a crop; this is the reference that crops are compared with, and with `tie` a crop of its own.
 * @throws UsageError for a budget that `validateBudget` refuses.
 */
export function solveGeometricProgramme(model: CropModel, budget: FractionBudget, options: GeometricProgrammeOptions = {}): WidthRatios {
  const { upperBound = 1, tie = (group) => group } = options;
  validateBudget(budget, upperBound);
  const names = [...new Set(model.groups.map(({ name }) => tie(name)))];
  const ratios = new Float64Array(names.length).fill(upperBound);
  const toRatios = (): WidthRatios => new Map(model.groups.map(({ name }) => [name, ratios[names.indexOf(tie(name))] ?? 1]));
  const kept = (): KeptFractions => countKept(model.layers, realisedDensities(model.layers, toRatios()));
  const total = { params: sum(model.layers.map((layer) => layer.prunable)), macs: sum(model.layers.map((layer) => layer.macs)) };

  /** Uses the given budget up at prices paramsPrice · params + macsPrice · MACs. */
  const fill = (paramsPrice: number, macsPrice: number, filled: FractionBudget): KeptFractions => {
    const prices = model.layers.map((layer) => (paramsPrice * layer.prunable) / total.params + (macsPrice * layer.macs) / total.macs);
    const at = (inverse: number): KeptFractions => {
      ascend(
        toTerms(
          model,
          names,
          tie,
          prices.map((price) => price / inverse),
        ),
        ratios,
        upperBound,
      );
      return kept();
    };
    return at(bisectLog((inverse) => usedShare(at(inverse), filled) <= 1));
  };

  const { params, macs } = budget;
  if (usedShare(kept(), budget) <= 1) return toRatios();
  if (params !== undefined && usedShare(fill(1, 0, { params }), { macs }) <= 1) return toRatios();
  if (macs !== undefined && usedShare(fill(0, 1, { macs }), { params }) <= 1) return toRatios();
  // Both bind: with the params used up, the MACs fall as the params get cheaper.
  fill(
    bisectLog((odds) => usedShare(fill(odds, 1, { params }), { macs }) <= 1),
    1,
    { params },
  );
  return toRatios();
}

/** price · Π over the sides of (fixed + Σ share · ratio). */
interface Term {
  readonly price: number;
  readonly sides: readonly { readonly fixed: number; readonly shares: readonly (readonly [variable: number, share: number])[] }[];
}

function toTerms(model: CropModel, names: readonly string[], tie: (group: string) => string, prices: readonly number[]): readonly Term[] {
  return model.layers.map((layer, index) => ({
    price: prices[index] ?? 0,
    sides: layer.sides.map(({ fixed, shares }) => ({
      fixed,
      shares: [...shares].map(([group, share]) => [names.indexOf(tie(group)), share] as const),
    })),
  }));
}

// For one ratio r and all others fixed, the objective is count · log r - linear · r - quadratic · r²: its maximum is in closed form.
function ascend(terms: readonly Term[], ratios: Float64Array, upperBound: number): void {
  for (let sweep = 0; sweep < maxSweeps; sweep++) {
    let moved = 0;
    for (let variable = 0; variable < ratios.length; variable++) {
      let [count, linear, quadratic] = [0, 0, 0];
      for (const { price, sides } of terms) {
        let [rest, slope, curve] = [price, 0, 0]; // price · product of the sides so far = rest + slope · r + curve · r²
        for (const { fixed, shares } of sides) {
          let [others, own] = [fixed, 0];
          for (const [index, share] of shares) {
            if (index === variable) own += share;
            else others += share * (ratios[index] ?? 0);
          }
          const r = ratios[variable] ?? 0;
          if (own > 0) count += (own * r) / (others + own * r);
          [rest, slope, curve] = [rest * others, slope * others + rest * own, curve * others + slope * own];
        }
        linear += slope;
        quadratic += curve;
      }
      if (count === 0) continue;
      const best = Math.min(upperBound, (2 * count) / (linear + Math.sqrt(linear * linear + 8 * quadratic * count)));
      moved = Math.max(moved, Math.abs(Math.log(best / (ratios[variable] ?? 1))));
      ratios[variable] = best;
    }
    if (moved < tolerance) return;
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
