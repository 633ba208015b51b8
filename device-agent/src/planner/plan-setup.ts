import { type Correction, createCostModel, selectEngine } from '@precrop/sdk/cost/cost-model';
import type { DeviceProfile } from '@precrop/sdk/cost/device-profile';
import type { Architecture } from '@precrop/sdk/ir/architecture';
import { withWidths } from '@precrop/sdk/ir/widths';
import type { BudgetName } from '@precrop/sdk/plan/budget';
import type { PlanCosts } from '@precrop/sdk/plan/cost-table';
import type { Front } from '@precrop/sdk/plan/front';
import type { PlanRound } from '../protocol/plan-file.js';

/** What is planned, and with what it is measured. */
export interface PlanSetup {
  /** The original. */
  readonly architecture: Architecture;
  readonly profile: DeviceProfile;
  readonly front: Front;
  readonly inference?: { readonly runtime: string; readonly batch: number; readonly threads: number } | undefined;
  readonly training?: { readonly backend: string; readonly batch: number; readonly threads: number } | undefined;
  /** Costs that are measured of every candidate. */
  readonly names: readonly BudgetName[];
}

/** The costs by a profile, held to the rounds that were measured since. @throws UsageError where the profile has not measured the engine. */
export function toPlanCosts(setup: Omit<PlanSetup, 'front' | 'names'>, rounds: readonly PlanRound[] = []): PlanCosts {
  const { profile, inference, training } = setup;
  const model = createCostModel(
    profile,
    rounds.flatMap((round) => toCorrections(round, setup)),
  );
  return {
    latency: inference && { costs: selectEngine(model.inference, inference.runtime), batch: inference.batch },
    trainStep: training && { costs: selectEngine(model.training, training.backend), batch: training.batch },
  };
}

/** A standard error is a quarter of the 95 % interval. No measurement is thought to be better than this. */
const leastError = 0.003;

function toCorrections(
  { widths, measured }: PlanRound,
  { architecture, inference, training }: Omit<PlanSetup, 'front' | 'names'>,
): readonly Correction[] {
  const at = withWidths(architecture, new Map(Object.entries(widths)));
  const { latencyMs, memoryBytes, trainStepMs } = measured.costs;
  const toMs = ({ value, low, high }: { readonly value: number; readonly low: number; readonly high: number }) => ({
    median: value,
    relativeError: Math.max(leastError, (high - low) / 4 / value),
  });
  return [
    ...(inference && (latencyMs || memoryBytes)
      ? [
          {
            engine: inference.runtime,
            purpose: 'inference' as const,
            architecture: at,
            batch: inference.batch,
            ...(latencyMs && { ms: toMs(latencyMs) }),
            ...(memoryBytes && { peakBytes: memoryBytes.value }),
          },
        ]
      : []),
    ...(training && trainStepMs
      ? [{ engine: training.backend, purpose: 'training' as const, architecture: at, batch: training.batch, ms: toMs(trainStepMs) }]
      : []),
  ];
}
