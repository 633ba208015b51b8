import { type Budget, type BudgetName, budgetNames, type Cost, listBudgets, usedShareOf } from './budget.js';
import type { Front } from './front.js';
import type { Candidate, PlanResult } from './result.js';

/**
 * The best candidate of a front that holds a budget; of equals the cheaper one. A looser budget never gives a worse objective, because it is
 * picked from the same candidates and more of them fit.
 * @throws UsageError for no budget, or one that the front has no costs for.
 */
export function pickPlan(front: Pick<Front, 'candidates'>, budget: Budget): PlanResult {
  const given = listBudgets(budget);
  let chosen: { candidate: Candidate; use: number } | undefined;
  let nearest: { candidate: Candidate; use: number } | undefined;
  for (const candidate of front.candidates) {
    const use = usedShareOf(candidate.cost, given);
    if (!nearest || use < nearest.use) nearest = { candidate, use };
    if (use > 1 || (chosen && !isBetter(candidate, use, chosen.candidate, chosen.use))) continue;
    chosen = { candidate, use };
  }
  if (!nearest) throw new RangeError('A front without candidates was given.');
  if (chosen) return { status: 'fits', chosen: chosen.candidate, use: chosen.use, tightest: findTightest(chosen.candidate.cost, given) };
  const least = toLeast(
    front.candidates,
    given.map(([name]) => name),
  );
  const alone = given.filter(([name, limit]) => (least[name] ?? 0) > limit).map(([name]) => name);
  const together = (): readonly BudgetName[] => findConflict(front.candidates, given);
  return { status: 'infeasible', broke: alone.length > 0 ? alone : together(), least, nearest: nearest.candidate };
}

/** The least that any candidate costs. @param names those that they do not have are left out */
export function toLeast(candidates: readonly Candidate[], names: readonly BudgetName[] = budgetNames): Cost {
  return Object.fromEntries(
    names.flatMap((name) => {
      const values = candidates.flatMap(({ cost }) => cost[name] ?? []);
      return values.length > 0 ? [[name, Math.min(...values)]] : [];
    }),
  );
}

/** Of budgets that can be held one by one but not all together, those without which the others can. */
function findConflict(candidates: readonly Candidate[], given: readonly (readonly [BudgetName, number])[]): readonly BudgetName[] {
  const others = (name: BudgetName) => given.filter(([other]) => other !== name);
  const names = given.map(([name]) => name);
  const found = names.filter((name) => candidates.some(({ cost }) => usedShareOf(cost, others(name)) <= 1));
  return found.length > 0 ? found : names;
}

const same = 1e-9;

function isBetter(candidate: Candidate, use: number, chosen: Candidate, chosenUse: number): boolean {
  const gain = candidate.objective - chosen.objective;
  return Math.abs(gain) > same ? gain > 0 : use < chosenUse;
}

function findTightest(cost: Cost, given: readonly (readonly [BudgetName, number])[]): BudgetName {
  const [[first] = ['latencyMs'] as const] = given;
  let tightest: BudgetName = first;
  let most = 0;
  for (const [name, limit] of given) {
    const share = (cost[name] ?? 0) / limit;
    if (share > most) [tightest, most] = [name, share];
  }
  return tightest;
}
