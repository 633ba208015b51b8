import { BudgetError, UsageError } from '../core/errors.js';
import { nearestWidth } from '../crop/alignment.js';
import { toCropModel } from '../crop/crop-layers.js';
import { roundWidths } from '../crop/round-widths.js';
import { toWidthRatios } from '../crop/width-ratios.js';
import type { LayerDensities } from '../density/layer-densities.js';
import type { Architecture } from '../ir/architecture.js';
import { type Setting, toSetting } from '../ir/placed-nodes.js';
import { type CostTable, createCostTable, type PlanCosts } from './cost-table.js';
import { type Objective, type ObjectiveName, objectives } from './objective.js';
import type { Candidate } from './result.js';
import { enumerated, enumerateSettings, searchSettings } from './search.js';
import { createWidthLattice, toWidths, type WidthLattice } from './width-lattice.js';

/**
 * Which networks are looked at: those that are best by an objective; one multiplier for all widths; or given layer densities, all scaled alike
 * (`name` says whose they are).
 */
export type Choice = ObjectiveName | 'uniform' | { readonly name: string; readonly densities: LayerDensities };

export interface FrontOptions {
  /** Default `synexp`. */
  readonly objective?: Choice | undefined;
  /** Widths are multiples of this; default 8. */
  readonly align?: number | undefined;
  /** How many times its original width a group may have; default 1. Above 1 is PreConfig: layers may grow. */
  readonly growth?: number | undefined;
}

/** Candidates for every budget, found without knowing it. What fits a budget is picked from them (`pickPlan`) at once. */
export interface Front {
  readonly architecture: string;
  readonly objective: string;
  readonly align: number;
  readonly growth: number;
  readonly original: Candidate;
  readonly candidates: readonly Candidate[];
}

/**
 * The networks of an architecture that may be best under some budget of latency, memory, training step, parameters and MACs: all settings of a
 * small lattice, else what a search finds, and uniform multipliers besides.
 * @throws UsageError for an alignment or growth that is none.
 */
export function findFront(architecture: Architecture, planCosts: PlanCosts, options: FrontOptions = {}): Front {
  const { objective: choice = 'synexp', align = 8, growth = 1 } = options;
  if (!(growth >= 1 && growth <= 8)) throw new UsageError(`Layers may grow ${growth} times, but it must be from 1 (not at all) to 8.`);
  const lattice = createWidthLattice(architecture, align, growth);
  const objective = objectives[typeof choice === 'string' && choice !== 'uniform' ? choice : 'synexp'](architecture, lattice);
  const costs = createCostTable(architecture, lattice, planCosts);
  const toCandidate = (setting: Setting): Candidate => ({
    widths: toWidths(lattice, setting),
    objective: objective.valueOf(setting),
    cost: costs.costOf(setting),
  });
  const settings = unique(listSettings(architecture, lattice, objective, costs, choice));
  return {
    architecture: architecture.name,
    objective: typeof choice === 'string' ? choice : choice.name,
    align,
    growth,
    original: toCandidate(lattice.original),
    candidates: settings.map(toCandidate),
  };
}

function listSettings(
  architecture: Architecture,
  lattice: WidthLattice,
  objective: Objective,
  costs: CostTable,
  choice: Choice,
): readonly Setting[] {
  if (choice === 'uniform') return listUniform(lattice);
  if (typeof choice !== 'string') return listScaled(architecture, lattice, choice.densities);
  if (lattice.size <= enumerated) return enumerateSettings(lattice);
  return [...listUniform(lattice), ...searchSettings({ lattice, objective, costs })];
}

/** The settings that multipliers in steps of a quarter of a percent give. */
function listUniform({ groups, ranges }: WidthLattice): readonly Setting[] {
  const growth = Math.max(...groups.map(({ width }, index) => (ranges[index]?.most ?? width) / width));
  const steps = 400;
  return Array.from({ length: steps }, (_, step) =>
    Int32Array.from(groups, ({ width }, index) => nearestWidth((width * growth * (step + 1)) / steps, ranges[index] as (typeof ranges)[0])),
  );
}

/** The densities as they are, and all scaled down alike, at a hundred sizes. */
function listScaled(architecture: Architecture, lattice: WidthLattice, densities: LayerDensities): readonly Setting[] {
  const model = toCropModel(architecture);
  const align = Math.min(...lattice.ranges.map(({ step }) => step));
  const settings: Setting[] = [Int32Array.from(lattice.ranges, ({ least }) => least)];
  for (let step = 0; step < 100; step++) {
    const budget = { params: 0.01 * 100 ** (step / 99) };
    try {
      const widths = roundWidths(architecture, toWidthRatios(model, densities, budget), budget, { align });
      settings.push(toSetting(architecture, widths));
    } catch (error) {
      if (!(error instanceof BudgetError)) throw error; // smaller than the narrowest
    }
  }
  return settings;
}

function unique(settings: readonly Setting[]): readonly Setting[] {
  return [...new Map(settings.map((setting) => [setting.join(), setting])).values()];
}
