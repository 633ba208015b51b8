import type { RunContext } from '@precrop/sdk/core/context';
import { MeasurementError, UsageError } from '@precrop/sdk/core/errors';
import { hashOf } from '@precrop/sdk/core/hash';
import { createCostModel, selectEngine } from '@precrop/sdk/cost/cost-model';
import type { DeviceProfile } from '@precrop/sdk/cost/device-profile';
import type { Architecture } from '@precrop/sdk/ir/architecture';
import { withWidths } from '@precrop/sdk/ir/widths';
import { type Budget, type BudgetName, type Cost, listBudgets } from '@precrop/sdk/plan/budget';
import { type Choice, type Front, findFront } from '@precrop/sdk/plan/front';
import type { PlanPlace } from '@precrop/sdk/plan/infeasible';
import { pickPlan, toLeast } from '@precrop/sdk/plan/pick';
import type { PowerState } from '../measure/power-state.js';
import { median } from '../measure/statistics.js';
import type { MeasuredNetwork, PlanFile, PlanRound, Predicted } from '../protocol/plan-file.js';
import { loadFront, saveFront } from '../store/front-store.js';
import type { CandidateMeter } from './candidate-meter.js';
import { createMeter, type MeterOptions } from './create-meter.js';
import { createUnsteadyError, toInfeasible, toPlanError } from './describe-ending.js';
import { estimateCosts, toCost } from './estimate-costs.js';
import { type Feasibility, toFeasibility } from './feasibility.js';
import { type Baseline, measureBaseline } from './measure-baseline.js';
import { type PlanSetup, toPlanCosts } from './plan-setup.js';
import { verifyPlan } from './verify-plan.js';

export interface PlanRequest {
  readonly architecture: Architecture;
  readonly profile: DeviceProfile;
  /** Whether the profile is of this device: predictions of another one's are marked. */
  readonly isForeign: boolean;
  readonly verify: boolean;
  /** What is asked, once it is known what the original and the narrowest network cost. */
  readonly toBudget: (original: Cost, least: Cost) => Budget;
  /** What the budget will name. */
  readonly names: readonly BudgetName[];
  readonly objective: Choice;
  readonly align: number;
  readonly growth: number;
  /** `auto`: the fastest of the profile. */
  readonly runtime: string;
  readonly batch: number;
  readonly trainBatch: number;
  readonly power?: PowerState | undefined;
  /** With a machine that changes. Default: as much as a plan is worth that is asked for by itself. */
  readonly patience?: Patience | undefined;
  /** Where fronts are kept; none are where null. */
  readonly fronts?: string | null | undefined;
}

export interface Patience {
  /** For cores that its host moves (`MeterOptions.patienceMs`). */
  readonly coresMs: number;
  /** So often everything is measured from the beginning. */
  readonly starts: number;
}

const usualPatience: Patience = { coresMs: 20_000, starts: 2 };

export interface MadePlan {
  readonly file: PlanFile;
  readonly front: Front;
  readonly feasibility: readonly Feasibility[];
  /** Why no wider network was taken: `used`: the budget is. */
  readonly why: 'used' | 'widest' | 'rounds' | 'original' | 'predicted';
  /** Of predicting and searching, and of picking once more from the front. */
  readonly planMs: number;
  readonly replanMs: number;
}

/**
 * A plan for a budget: verified by measuring here, or predicted alone.
 * @param tellFeasibility told what is possible, before the search begins
 * @throws BudgetError for what cannot be held and where no crop is faster; MeasurementError where the machine is not steady; UsageError for
 *   what the profile has not measured.
 */
export async function makePlan(
  request: PlanRequest,
  context: RunContext,
  tellFeasibility: (rows: readonly Feasibility[]) => void = () => {},
  openMeter: (options: MeterOptions, context: RunContext) => CandidateMeter = createMeter,
): Promise<MadePlan> {
  const start = context.clock();
  const setup = await createSetup(request, context);
  const planMs = context.clock() - start;
  if (!request.verify) return predictPlan(request, setup, planMs, context, tellFeasibility);
  const { architecture: original, power, patience = usualPatience } = request;
  const meter = openMeter({ original, ...setup, power, cores: setup.profile.machine.cores, patienceMs: patience.coresMs }, context);
  try {
    for (let start = 1; ; start++) {
      try {
        const baseline = await measureBaseline(setup, meter, context);
        if (baseline.status === 'unsteady') throw createUnsteadyError(baseline.reason);
        const place = toPlace(setup);
        return await planFromBaseline({ request, setup, planMs, baseline, meter, place }, context, tellFeasibility);
      } catch (error) {
        // it may be in another state for good: then all that was measured before is to be measured anew
        if (!(error instanceof MeasurementError) || start === patience.starts) throw error;
        context.emit({ type: 'phase', name: 'wait', message: `starting again: ${toReason(error)}` });
        await meter.settle();
      }
    }
  } finally {
    await meter.close();
  }
}

function toReason({ details, message }: MeasurementError): string {
  return typeof details?.['reason'] === 'string' ? details['reason'] : message;
}

interface Prepared {
  readonly request: PlanRequest;
  readonly setup: PlanSetup;
  readonly planMs: number;
  readonly baseline: Extract<Baseline, { status: 'measured' }>;
  readonly meter: CandidateMeter;
  readonly place: PlanPlace;
}

async function planFromBaseline(
  { request, setup, planMs, baseline, meter, place }: Prepared,
  context: RunContext,
  tellFeasibility: (rows: readonly Feasibility[]) => void,
): Promise<MadePlan> {
  const { original, narrowest } = baseline;
  const [before, least] = [toCost(original.measured.costs), toCost(narrowest.measured.costs)];
  const budget = request.toBudget(before, least);
  listBudgets(budget);
  const feasibility = toFeasibility(least, before, budget);
  tellFeasibility(feasibility);
  const { ending, rounds } = await verifyPlan(setup, baseline, budget, meter, context);
  if (ending.kind !== 'accept') throw toPlanError(ending, feasibility, place);
  const { widths, objective, predicted, measured } = ending.round;
  return {
    file: toPlanFile(request, setup, {
      budget,
      widths,
      value: objective ?? 0,
      status: 'verified',
      predicted,
      measured,
      original: { predicted: original.predicted, measured: original.measured },
      trace: rounds,
    }),
    front: setup.front,
    feasibility,
    why: ending.why,
    planMs,
    replanMs: timeReplan(setup.front, budget, context),
  };
}

/** What the model says, and nothing measured. */
function predictPlan(
  request: PlanRequest,
  setup: PlanSetup,
  planMs: number,
  context: RunContext,
  tellFeasibility: (rows: readonly Feasibility[]) => void,
): MadePlan {
  const { architecture, front } = setup;
  const costs = toPlanCosts(setup);
  const original = estimateCosts(architecture, costs);
  const least = toLeast(front.candidates);
  const budget = request.toBudget(toCost(original), least);
  const picked = pickPlan(front, budget);
  const feasibility = toFeasibility(least, toCost(original), budget);
  tellFeasibility(feasibility);
  if (picked.status === 'infeasible') {
    const nearest = { widths: Object.fromEntries(picked.nearest.widths), costs: picked.nearest.cost };
    throw toInfeasible({ broke: picked.broke, nearest }, feasibility, toPlace(setup));
  }
  const { widths, objective } = picked.chosen;
  return {
    file: toPlanFile(request, setup, {
      budget,
      widths: Object.fromEntries(widths),
      value: objective,
      status: request.isForeign ? 'predicted for another device' : 'predicted',
      predicted: estimateCosts(withWidths(architecture, widths), costs),
      measured: null,
      original: { predicted: original, measured: null },
      trace: [],
    }),
    front,
    feasibility,
    why: 'predicted',
    planMs,
    replanMs: timeReplan(front, budget, context),
  };
}

/** The front and the engines that a request comes to. @throws UsageError for what the profile has not measured. */
export async function createSetup(
  request: Omit<PlanRequest, 'isForeign' | 'verify' | 'toBudget' | 'power' | 'patience'>,
  context: RunContext,
): Promise<PlanSetup> {
  const { architecture, profile, names, align, growth, objective } = request;
  const model = createCostModel(profile);
  const runtime = selectEngine(model.inference, request.runtime);
  const inference = { runtime: runtime.engine, batch: request.batch, threads: runtime.threads };
  const backend = names.includes('trainStepMs') ? selectEngine(model.training) : undefined;
  const training = backend && { backend: backend.engine, batch: request.trainBatch, threads: backend.threads };
  const measured: readonly BudgetName[] = ['latencyMs', ...names.filter((name) => name === 'memoryBytes' || name === 'trainStepMs')];
  const partial = { architecture, profile, inference, training, names: measured };
  const key = {
    architecture: architecture.name,
    objective: typeof objective === 'string' ? objective : { name: objective.name, densities: [...objective.densities] },
    align,
    growth,
    inference,
    training: training ?? null,
    profileHash: hashOf(profile),
  };
  const directory = request.fronts ?? undefined;
  const kept = request.fronts === null ? undefined : await loadFront(key, directory);
  if (kept) return { ...partial, front: kept };
  context.emit({ type: 'phase', name: 'search', message: 'looking for the widths that may be best under some budget' });
  const front = findFront(architecture, toPlanCosts(partial), { objective, align, growth });
  if (front.candidates.length === 0) throw new UsageError(`There are no widths of ${architecture.name} at multiples of ${align}.`);
  if (request.fronts !== null) await saveFront(key, front, directory);
  return { ...partial, front };
}

interface Found {
  readonly budget: Budget;
  readonly widths: Readonly<Record<string, number>>;
  readonly value: number;
  readonly status: PlanFile['status'];
  readonly predicted: Predicted;
  readonly measured: MeasuredNetwork | null;
  readonly original: PlanFile['original'];
  readonly trace: readonly PlanRound[];
}

function toPlanFile({ profile }: PlanRequest, setup: PlanSetup, { value, ...found }: Found): PlanFile {
  const { architecture, front, inference, training } = setup;
  const { objective, align, growth } = front;
  return {
    schemaVersion: 1,
    kind: 'plan',
    createdAt: new Date().toISOString(),
    architecture: architecture.name,
    ...found,
    objective: { name: objective, value },
    align,
    growth,
    runtime: inference?.runtime ?? 'none',
    batch: inference?.batch ?? 1,
    trainBackend: training?.backend ?? null,
    trainBatch: training?.batch ?? null,
    threads: inference?.threads ?? 1,
    deviceId: profile.deviceId,
    device: profile.device,
    profile: { createdAt: profile.createdAt, hash: hashOf(profile) },
  };
}

function toPlace({ architecture, front, inference }: PlanSetup): PlanPlace {
  const threads = inference?.threads ?? 1;
  return {
    architecture: architecture.name,
    align: front.align,
    where: `${inference?.runtime}, ${threads} ${threads === 1 ? 'thread' : 'threads'}, batch ${inference?.batch}`,
  };
}

function timeReplan(front: Front, budget: Budget, { clock }: RunContext): number {
  const times = Array.from({ length: 5 }, () => {
    const start = clock();
    pickPlan(front, budget);
    return clock() - start;
  });
  return median(times);
}
