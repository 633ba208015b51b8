import { formatMs } from '@precrop/sdk/core/units';

interface Timed {
  readonly runtime: string;
  readonly threads: number;
  readonly batch: number;
  readonly callMs: number;
}

/**
 * Why a call at this batch is not tried: by what smaller batches took, it would take longer than a call may. Undefined where it is worth a try.
 * @param earlier calls of any runtime and batch
 */
export function foreseeSlowCall(asked: Omit<Timed, 'callMs'>, earlier: readonly Timed[], mostCallMs: number): string | undefined {
  const [nearest] = earlier
    .filter(({ runtime, threads, batch }) => runtime === asked.runtime && threads === asked.threads && batch < asked.batch)
    .toSorted((a, b) => b.batch - a.batch);
  if (!nearest) return undefined;
  const expectedMs = (nearest.callMs * asked.batch) / nearest.batch;
  // Larger batches use the cores better: only what is far too slow is not tried.
  if (expectedMs <= 2 * mostCallMs) return undefined;
  return `By its ${formatMs(nearest.callMs)} at batch ${nearest.batch}, a call would take about ${formatMs(expectedMs)}: more than the ${formatMs(mostCallMs)} that a call may take.`;
}

export interface Admitted {
  readonly callMs: number;
  /** References stay. */
  readonly mustStay: boolean;
}

/** Those contenders that can be timed within the budget: the slowest are left out until the rest fit. */
export function keepWithin<T extends Admitted>(
  contenders: readonly T[],
  budgetMs: number,
  costMs: (callMs: number) => number,
): readonly T[] {
  const total = contenders.reduce((sum, { callMs }) => sum + costMs(callMs), 0);
  const slowest = contenders.filter(({ mustStay }) => !mustStay).toSorted((a, b) => b.callMs - a.callMs);
  if (total <= budgetMs || slowest.length <= 1) return contenders;
  return keepWithin(
    contenders.filter((each) => each !== slowest[0]),
    budgetMs,
    costMs,
  );
}
