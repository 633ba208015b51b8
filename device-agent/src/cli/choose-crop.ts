import { join } from 'node:path';
import { BudgetError, MeasurementError } from '@precrop/sdk/core/errors';
import { formatPercent } from '@precrop/sdk/core/units';
import { cropArchitecture } from '@precrop/sdk/crop/apply';
import { writeFile } from '@precrop/sdk/data/write-file';
import type { FractionBudget } from '@precrop/sdk/density/budget';
import type { Architecture } from '@precrop/sdk/ir/architecture';
import { withWidths } from '@precrop/sdk/ir/widths';
import { type Budget, budgets, type Cost, listBudgets } from '@precrop/sdk/plan/budget';
import { toHost } from '../host/host.js';
import type { ChosenCrop } from '../jobs/demo.js';
import { type MadePlan, makePlan, type Patience } from '../planner/make-plan.js';
import type { Session } from './command-line.js';
import { toConditions } from './conditions.js';
import { type ObtainedProfile, obtainProfile } from './obtain-profile.js';
import { summarisePlan } from './show-plan.js';

export interface CropChoice extends FractionBudget {
  readonly align: number;
  /** Folder of the report: the plan is written there too. */
  readonly output: string;
}

/** What is cropped to where nothing can be planned. */
const usualShare: FractionBudget = { macs: 0.25 };

/**
 * The demo's crop: to shares, where some are given; else a plan for half of the original's latency and half of the memory that it adds to the
 * runtime's own. A machine that is too busy to measure gets what is predicted, and says so.
 */
export async function chooseCrop(architecture: Architecture, choice: CropChoice, session: Session): Promise<ChosenCrop> {
  const { macs, params, align, output } = choice;
  if (macs !== undefined || params !== undefined) return cropToShares(architecture, { macs, params }, align);
  try {
    const { made, obtained } = await planHalf(architecture, align, session);
    await writePlan(output, made, obtained, architecture, session);
    const crop = withWidths(architecture, new Map(Object.entries(made.file.widths)));
    const { batch, threads } = made.file;
    return { architecture: crop, words: describePlan(made), planned: { batch, threads, cores: obtained.profile.machine.cores } };
  } catch (error) {
    if (!(error instanceof BudgetError || error instanceof MeasurementError)) throw error;
    session.context.emit({
      type: 'warning',
      message: `${error.message} The crop keeps ${formatPercent(usualShare.macs ?? 1, 0)} of the MACs instead.`,
    });
    return cropToShares(architecture, usualShare, align);
  }
}

/** A demo is to be seen within minutes: on a machine that goes on changing it takes what is predicted. */
const patience: Patience = { coresMs: 4000, starts: 1 };

interface PlannedHalf {
  readonly made: MadePlan;
  readonly obtained: ObtainedProfile;
}

async function planHalf(architecture: Architecture, align: number, session: Session): Promise<PlannedHalf> {
  const obtained = await obtainProfile(undefined, true, session);
  const { profile, host } = obtained;
  const baseBytes = profile.inference[0]?.baseBytes ?? 0;
  const plan = (verify: boolean): Promise<MadePlan> =>
    session.progress.run(
      { title: 'Plan' },
      (emit) =>
        makePlan(
          {
            ...{ architecture, profile, isForeign: false, verify, align, growth: 1, runtime: 'auto', batch: 1, trainBatch: 1 },
            objective: 'synexp',
            names: ['latencyMs', 'memoryBytes'],
            power: host.power,
            patience,
            toBudget: (original, least) => halve(original, least, baseBytes),
          },
          { ...session.context, emit },
        ),
      describePlan,
    );
  try {
    return { made: await plan(true), obtained };
  } catch (error) {
    if (!(error instanceof MeasurementError)) throw error;
    session.context.emit({
      type: 'warning',
      message: `The machine was too busy to measure a plan. ${error.details['reason']} Going on with what is predicted.`,
    });
    return { made: await plan(false), obtained };
  }
}

/** A network cannot always be halved: some room above the least that is possible is left. */
const leastRoom = 0.2;

function halve(original: Cost, least: Cost, baseBytes: number): Budget {
  const half = (name: 'latencyMs' | 'memoryBytes', base: number): number => {
    const [most, floor] = [original[name] ?? 0, least[name] ?? 0];
    return Math.max(base + (most - base) / 2, floor + leastRoom * (most - floor));
  };
  return { latencyMs: half('latencyMs', 0), memoryBytes: half('memoryBytes', Math.min(baseBytes, original.memoryBytes ?? 0)) };
}

function cropToShares(architecture: Architecture, budget: FractionBudget, align: number): ChosenCrop {
  const shares = [
    budget.macs === undefined ? [] : [`${formatPercent(budget.macs, 0)} of the MACs`],
    budget.params === undefined ? [] : [`${formatPercent(budget.params, 0)} of the parameters`],
  ].flat();
  return {
    architecture: cropArchitecture(architecture, { density: 'synexp', budget, align }).architecture,
    words: `synexp at ${shares.join(' and ')}, widths in multiples of ${align}`,
  };
}

/** "planned for a latency of 0.2 ms and a memory of 60 MB on onnxruntime/cpu, measured 0.19 ms and 59 MB". */
function describePlan({ file }: MadePlan): string {
  const given = listBudgets(file.budget);
  const asked = given.map(([name, limit]) => `a ${budgets[name].words} of ${budgets[name].format(limit)}`).join(' and ');
  const costs = given.map(([name]) => budgets[name].format((file.measured?.costs[name] ?? file.predicted[name])?.value ?? 0)).join(' and ');
  return `planned for ${asked} on ${file.runtime}, ${file.measured ? 'measured' : 'predicted'} ${costs}`;
}

/** Beside the report of the trainings: the plan, and its own report. */
async function writePlan(
  output: string,
  made: MadePlan,
  { host }: ObtainedProfile,
  architecture: Architecture,
  session: Session,
): Promise<void> {
  const { file } = made;
  const conditions = toConditions(toHost(host), session, {
    runtime: 'auto',
    runtimeUsed: file.runtime,
    threads: file.threads,
    batch: file.batch,
  });
  const summary = summarisePlan(made, architecture, made.planMs / 1000);
  const { writePlanReport } = await import('./write-plan-report.js');
  await writePlanReport(join(output, 'plan'), { made, conditions, summary });
  await writeFile(join(output, 'plan', 'plan.json'), [`${JSON.stringify(file, null, 2)}\n`]);
}
