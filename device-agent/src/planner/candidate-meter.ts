import type { Architecture } from '@precrop/sdk/ir/architecture';
import { countArchitecture } from '@precrop/sdk/ir/count';
import type { Budget, BudgetName } from '@precrop/sdk/plan/budget';
import type { Interval, MeasuredNetwork } from '../protocol/plan-file.js';

export interface MeasuredCandidate {
  readonly measured: MeasuredNetwork;
  /** The original's times, taken in turn with the candidate's. */
  readonly reference: Readonly<Partial<Record<BudgetName, Interval>>>;
}

/** What measures untrained networks on a device; a simulated one in tests. */
export interface CandidateMeter {
  /**
   * Costs of these names. Each network runs in fresh processes.
   * @param budget what is to be decided: where that is near, there is more measuring. Default: all as exactly as is worth it.
   */
  measure(architecture: Architecture, names: readonly BudgetName[], budget?: Budget): Promise<MeasuredCandidate>;
  /** Waits for at least so long, ms (default: 0), and then until the machine is steady or for as long as is worth it. */
  settle(leastMs?: number): Promise<void>;
  close(): Promise<void>;
}

/** Costs that are counted, and need no device. */
export function countCosts(architecture: Architecture): MeasuredNetwork['costs'] {
  const { params, macs } = countArchitecture(architecture);
  const toExact = (value: number) => ({ value, low: value, high: value, samples: [] });
  return { params: toExact(params), macs: toExact(macs) };
}
