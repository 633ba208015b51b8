import { createArchitecture } from '@precrop/sdk/architectures/registry';
import { type RunContext, throwIfCancelled } from '@precrop/sdk/core/context';
import type { DeviceProfile } from '@precrop/sdk/cost/device-profile';
import { withWidths } from '@precrop/sdk/ir/widths';
import { type Budget, listBudgets } from '@precrop/sdk/plan/budget';
import type { PowerState } from '../measure/power-state.js';
import type { CandidateMeter } from '../planner/candidate-meter.js';
import { createMeter, type MeterOptions } from '../planner/create-meter.js';
import { createUnsteadyError } from '../planner/describe-ending.js';
import { createSetup } from '../planner/make-plan.js';
import { type Baseline, measureBaseline } from '../planner/measure-baseline.js';
import type { PlanSetup } from '../planner/plan-setup.js';
import { describeContradiction } from '../planner/rounds.js';
import { verifyPlan } from '../planner/verify-plan.js';
import type { MeasuredNetwork, PlanRound } from '../protocol/plan-file.js';
import type { BudgetResult } from './budgets-document.js';
import { type Drawn, type DrawnBudget, drawBudgets, toAbsolute } from './random-budgets.js';

export interface BudgetsBench {
  readonly profile: DeviceProfile;
  readonly architectures: readonly string[];
  readonly feasible: number;
  readonly impossible: number;
  readonly batch: number;
  readonly runtime: string;
  readonly align: number;
  readonly power?: PowerState | undefined;
}

/**
 * Random budgets of latency and memory, planned and verified as `precrop plan` does; every plan is measured once more, in processes that the
 * planning never saw.
 * @throws MeasurementError where the machine is not steady enough for a first measurement.
 */
export async function benchBudgets(
  bench: BudgetsBench,
  context: RunContext,
  openMeter: (options: MeterOptions, context: RunContext) => CandidateMeter = createMeter,
): Promise<readonly BudgetResult[]> {
  const { architectures, feasible, impossible } = bench;
  const drawn = drawBudgets(architectures, { feasible, impossible }, context.rng.fork('budgets'));
  const results: BudgetResult[] = [];
  for (const name of architectures) {
    const own = drawn.filter(({ architecture }) => architecture === name);
    const place = { before: results.length, total: drawn.length };
    if (own.length > 0) results.push(...(await benchArchitecture(name, own, { ...bench, openMeter, ...place }, context)));
  }
  return results;
}

async function benchArchitecture(
  name: string,
  drawn: readonly DrawnBudget[],
  {
    profile,
    batch,
    runtime,
    align,
    power,
    openMeter,
    before,
    total,
  }: BudgetsBench & { readonly openMeter: typeof createMeter; readonly before: number; readonly total: number },
  context: RunContext,
): Promise<readonly BudgetResult[]> {
  const architecture = createArchitecture(name);
  const request = { architecture, profile, align, growth: 1, batch, trainBatch: 1, runtime, objective: 'synexp' as const };
  const setup = await createSetup({ ...request, names: ['latencyMs', 'memoryBytes'], fronts: null }, context);
  const meter = openMeter({ original: architecture, inference: setup.inference, power, cores: profile.machine.cores }, context);
  try {
    let baseline = await measureBaseline(setup, meter, context);
    if (baseline.status === 'unsteady') throw createUnsteadyError(baseline.reason);
    const own = new Map<DrawnBudget, BudgetResult>();
    const isOpen = (each: DrawnBudget): boolean => (own.get(each)?.ending ?? 'give-up') === 'give-up';
    for (let pass = 1; pass <= mostPasses && drawn.some(isOpen); pass++) {
      if (pass > 1) await meter.settle((pass - 1) * pauseMs);
      for (const each of drawn.filter(isOpen)) {
        throwIfCancelled(context);
        const done = before + drawn.filter((other) => !isOpen(other)).length;
        context.emit({ type: 'progress', name: 'budgets', done, total, unit: 'items' });
        const last = own.get(each);
        if (last) {
          // the machine is in another state than when the baseline was measured, in which the budget is another one
          await meter.settle();
          baseline = await measureBaseline(setup, meter, context);
        }
        const { rounds = 0, seconds = 0 } = last ?? {};
        const result = await benchBudget(each, setup, baseline, meter, context);
        own.set(each, { ...result, rounds: rounds + result.rounds, seconds: seconds + result.seconds });
      }
    }
    return drawn.map((each) => own.get(each) ?? toUnplanned(each));
  } finally {
    await meter.close();
  }
}

/** What cannot be planned, or not measured once more, ends in `give-up`. */
async function benchBudget(
  drawn: DrawnBudget,
  setup: PlanSetup,
  baseline: Baseline,
  meter: CandidateMeter,
  context: RunContext,
): Promise<BudgetResult> {
  const start = context.clock();
  if (baseline.status === 'unsteady') return { ...toUnplanned(drawn), reason: baseline.reason };
  const quiet: RunContext = { ...context, emit: () => {} };
  const budget = toAbsolute(drawn, toCosts(baseline.narrowest), toCosts(baseline.original));
  const { ending, rounds } = await verifyPlan(setup, baseline, budget, meter, quiet);
  const done: BudgetResult = {
    ...toUnplanned(drawn),
    budget,
    rounds: rounds.length - baseline.rounds.length,
    seconds: (context.clock() - start) / 1000,
  };
  if (ending.kind === 'infeasible') return { ...done, ending: ending.kind, named: ending.broke };
  if (ending.kind === 'give-up') return { ...done, reason: ending.reason };
  if (ending.kind !== 'accept') return { ...done, ending: ending.kind };
  const { widths, measured: stamped } = ending.round;
  const again = await measureAgain(widths, setup, meter, baseline.original);
  if (!again) return { ...done, reason: 'A plan was made, but the machine was in another state when it was to be measured again.' };
  const use = useOfNetwork(again, budget);
  return { ...done, ending: ending.kind, widths, stamped, again, use, held: use <= 1 };
}

/** What cannot be planned while the machine changes is asked again after the others, so often in all, */
const mostPasses = 6;
/** after a pause that is longer each time: busy neighbours stay for a minute or more. */
const pauseMs = 15_000;
const mostTries = 5;

/**
 * In processes of its own, while the original takes what it took when the budget was made of it: a machine in another state would be asked for
 * something else. Undefined where that cannot be had.
 */
async function measureAgain(
  widths: Readonly<Record<string, number>>,
  setup: PlanSetup,
  meter: CandidateMeter,
  original: PlanRound,
): Promise<MeasuredNetwork | undefined> {
  const network = withWidths(setup.architecture, new Map(Object.entries(widths)));
  for (let tries = 1; tries <= mostTries; tries++) {
    const { measured, reference } = await meter.measure(network, setup.names);
    if (measured.verdict === 'valid' && !describeContradiction(original.reference, reference, 'The original')) return measured;
    await meter.settle();
  }
  return undefined;
}

function toUnplanned({ architecture, broken }: DrawnBudget): BudgetResult {
  const none = { named: [], widths: null, stamped: null, again: null, held: false, use: null, reason: null };
  return { architecture, broken, budget: {}, ending: 'give-up', ...none, rounds: 0, seconds: 0 };
}

function useOfNetwork({ costs }: MeasuredNetwork, budget: Budget): number {
  return Math.max(...listBudgets(budget).map(([name, limit]) => (costs[name]?.value ?? Number.POSITIVE_INFINITY) / limit));
}

function toCosts({ measured: { costs } }: PlanRound): Readonly<Record<Drawn, number>> {
  return { latencyMs: costs.latencyMs?.value ?? 0, memoryBytes: costs.memoryBytes?.value ?? 0 };
}
