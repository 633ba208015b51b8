import type { Architecture } from '@precrop/sdk/ir/architecture';
import { type Setting, toSetting } from '@precrop/sdk/ir/placed-nodes';
import { listBudgets, usedShareOf } from '@precrop/sdk/plan/budget';
import { createCostTable, type PlanCosts } from '@precrop/sdk/plan/cost-table';
import type { Front } from '@precrop/sdk/plan/front';
import { type ObjectiveName, objectives } from '@precrop/sdk/plan/objective';
import { pickPlan } from '@precrop/sdk/plan/pick';
import type { Candidate } from '@precrop/sdk/plan/result';
import { createWidthLattice, toWidths } from '@precrop/sdk/plan/width-lattice';
import type { Proposals } from './decide-next.js';
import { keyOf } from './rounds.js';

/** Candidates of an architecture at the costs that are known by now. */
export interface CostedFront extends Proposals {
  readonly narrowest: Candidate;
  readonly original: Candidate;
  /** The front's, with what they cost by now. */
  readonly candidates: readonly Candidate[];
}

/**
 * A front's candidates at other costs than it was found with, without those that were measured.
 * @param measured keys of widths (`keyOf`)
 */
export function createProposals(architecture: Architecture, front: Front, costs: PlanCosts, measured: ReadonlySet<string>): CostedFront {
  const lattice = createWidthLattice(architecture, front.align, front.growth);
  const isNamed = front.objective in objectives;
  const objective = objectives[isNamed ? (front.objective as ObjectiveName) : 'synexp'](architecture, lattice);
  const table = createCostTable(architecture, lattice, costs);
  const toCandidate = (setting: Setting): Candidate => ({
    widths: toWidths(lattice, setting),
    objective: objective.valueOf(setting),
    cost: table.costOf(setting),
  });
  const candidates = front.candidates.map(({ widths }) => toCandidate(toSetting(architecture, widths)));
  const untried = candidates.filter(({ widths }) => !measured.has(keyOf(Object.fromEntries(widths))));
  return {
    narrowest: toCandidate(Int32Array.from(lattice.ranges, ({ least }) => least)),
    original: toCandidate(lattice.original),
    candidates,
    best(budget) {
      if (untried.length === 0) return undefined;
      const picked = pickPlan({ candidates: untried }, budget);
      return picked.status === 'fits' ? picked.chosen : undefined;
    },
    widened(widths, budget) {
      if (!isNamed) return undefined; // a step beside a uniform multiplier is none
      const given = listBudgets(budget);
      const from = toSetting(architecture, new Map(Object.entries(widths)));
      return lattice.ranges
        .flatMap(({ step, most }, group) => {
          const wider = Int32Array.from(from, (width, index) => (index === group ? width + step : width));
          return (wider[group] as number) <= most ? [toCandidate(wider)] : [];
        })
        .filter(({ widths: wider, cost }) => !measured.has(keyOf(Object.fromEntries(wider))) && usedShareOf(cost, given) <= 1)
        .reduce<Candidate | undefined>((best, each) => (best && best.objective >= each.objective ? best : each), undefined);
    },
  };
}
