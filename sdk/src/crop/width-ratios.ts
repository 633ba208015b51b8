import { bisectLog } from '../density/bisect.js';
import { type FractionBudget, usedShare } from '../density/budget.js';
import { countKept, type LayerDensities } from '../density/layer-densities.js';
import { type CropLayer, type CropModel, realisedDensities, type WidthRatios } from './crop-layers.js';

/**
 * Layer densities → width ratios that use the budget of prunable weights and MACs up.
 *
 * A density fixes only the product of a layer's two sides, so a rule must split it. The rule here: **a group takes the one ratio
 * which, given to all widths of the layers around it, keeps as much in those layers as their densities do**: the root of
 * Σ cost · ratio^sides = Σ cost · density. So uniform densities become the uniform multiplier √p, a stage with one density becomes
 * that stage's √p (streams and inner widths alike), a chain gets no zigzag, a depthwise layer or one whose other side is the image or
 * the classes counts as linear, and no topology needs a case of its own. What neighbours cannot follow, one common factor makes up.
 *
 * @param densities a layer without one counts as dense.
 * @param upperBound the largest density: no ratio passes its square root, so that no layer passes the bound.
 */
export function toWidthRatios(model: CropModel, densities: LayerDensities, budget: FractionBudget, upperBound = 1): WidthRatios {
  const bound = Math.sqrt(upperBound);
  const costs = toCosts(model.layers, budget);
  const asked = model.groups.map(({ name }) => [name, ratioAround(name, model.layers, densities, costs)] as const);
  const scaled = (factor: number): WidthRatios => new Map(asked.map(([name, ratio]) => [name, Math.min(bound, factor * ratio)]));
  const factor = bisectLog((factor) => usedShare(countKept(model.layers, realisedDensities(model.layers, scaled(factor))), budget) <= 1);
  return scaled(factor);
}

// Costs are shares of the budgets, so that with both the scarcer one counts more.
function toCosts(layers: readonly CropLayer[], budget: FractionBudget): ReadonlyMap<string, number> {
  const total = layers.reduce((sum, layer) => ({ params: sum.params + layer.prunable, macs: sum.macs + layer.macs }), {
    params: 0,
    macs: 0,
  });
  const costOf = ({ prunable, macs }: CropLayer): number =>
    (budget.params === undefined ? 0 : prunable / total.params / budget.params) +
    (budget.macs === undefined ? 0 : macs / total.macs / budget.macs);
  return new Map(layers.map((layer) => [layer.id, costOf(layer)]));
}

function ratioAround(group: string, layers: readonly CropLayer[], densities: LayerDensities, costs: ReadonlyMap<string, number>): number {
  let [constant, linear, quadratic] = [0, 0, 0]; // constant + linear · r + quadratic · r² = 0
  for (const { id, sides } of layers) {
    const touch = sides.reduce((sum, { shares }) => sum + (shares.get(group) ?? 0), 0);
    if (touch === 0) continue;
    const cost = touch * (costs.get(id) ?? 0);
    // The product of fixed + (1 - fixed) · r over the layer's one or two sides.
    const [a, b = 1] = sides.map(({ fixed }) => fixed) as [number, number?];
    constant += cost * (a * b - (densities.get(id) ?? 1));
    linear += cost * (a * (1 - b) + (1 - a) * b);
    quadratic += cost * (1 - a) * (1 - b);
  }
  // The positive root, in the form that stays exact where quadratic is 0.
  return constant < 0 ? (-2 * constant) / (linear + Math.sqrt(linear * linear - 4 * quadratic * constant)) : 0;
}
