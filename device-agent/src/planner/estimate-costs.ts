import type { Architecture } from '@precrop/sdk/ir/architecture';
import { countArchitecture } from '@precrop/sdk/ir/count';
import type { Cost } from '@precrop/sdk/plan/budget';
import type { PlanCosts } from '@precrop/sdk/plan/cost-table';
import type { Interval, Predicted } from '../protocol/plan-file.js';

/** What a model says that a network costs, with its error bars; counts are exact. */
export function estimateCosts(architecture: Architecture, { latency, trainStep }: PlanCosts): Predicted {
  const { params, macs } = countArchitecture(architecture);
  return {
    ...(latency && {
      latencyMs: toPlain(latency.costs.estimateMs(architecture, latency.batch)),
      memoryBytes: toPlain(latency.costs.estimateBytes(architecture, latency.batch)),
    }),
    ...(trainStep && { trainStepMs: toPlain(trainStep.costs.estimateMs(architecture, trainStep.batch)) }),
    params: toExact(params),
    macs: toExact(macs),
  };
}

export function toExact(value: number): Interval {
  return { value, low: value, high: value };
}

/** The values alone. */
export function toCost(predicted: Predicted): Cost {
  return Object.fromEntries(Object.entries(predicted).map(([name, interval]) => [name, interval?.value]));
}

function toPlain({ value, low, high }: Interval): Interval {
  return { value, low, high };
}
