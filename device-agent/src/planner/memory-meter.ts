import type { RunContext } from '@precrop/sdk/core/context';
import type { Architecture } from '@precrop/sdk/ir/architecture';
import { median } from '../measure/statistics.js';
import { type MemoryRequest, measureMemory } from '../profiler/measure-memory.js';
import type { MeasuredCost } from '../protocol/plan-file.js';

/** Peak memory of fresh processes. It learns how far processes differ from one another, so that its bounds get narrower or wider. */
export interface MemoryMeter {
  /** @param limit that the memory is held against: it is measured until its bounds are on one side of it, or as exactly as is worth it */
  measure(architecture: Architecture, limit?: number): Promise<MeasuredCost>;
}

/** At first, and at most. */
const processes = 5;
const mostProcesses = 20;
/** Without a limit to hold against. */
const exactProcesses = 15;

export function createMemoryMeter(engine: Pick<MemoryRequest, 'runtime' | 'batch' | 'threads'>, context: RunContext): MemoryMeter {
  const seen: (readonly number[])[] = [];
  return {
    async measure(architecture, limit) {
      let samples: readonly number[] = [];
      for (;;) {
        const { samplesBytes } = await measureMemory({ ...engine, architecture, processes }, context);
        samples = [...samples, ...samplesBytes];
        const cost = toMemoryCost(samples, [...seen, samples]);
        const isDecided = limit === undefined ? samples.length >= exactProcesses : limit < cost.low || limit >= cost.high;
        if (!isDecided && samples.length < mostProcesses) continue;
        seen.push(samples);
        return cost;
      }
    },
  };
}

/** A spread is assumed before it is seen: as if so many distances from a median had shown it. */
const assumed = { share: 0.004, count: 6 };
/** A normal distribution's standard deviation, in median distances from its middle. */
const deviationsOfDistance = 1.4826;
/** Standard deviations of a median's error between this measurement and the next, which differ by two errors. */
const reach = 2.3 * Math.SQRT2;

/**
 * The median, and bounds from how far all processes lay from the medians of their networks. Some processes take far more than the others of the same
 * network: they widen the bounds where there is more than one of them, since then the next median may be one.
 */
export function toMemoryCost(samples: readonly number[], seen: readonly (readonly number[])[]): MeasuredCost {
  const value = median(samples);
  const apart = seen.flatMap((each) => each.map((bytes) => Math.abs(bytes / median(each) - 1)).filter((share) => share > 0));
  const deviation = deviationsOfDistance * median([...apart, ...Array.from({ length: assumed.count }, () => assumed.share)]);
  const error = (reach * 1.25 * deviation * value) / Math.sqrt(samples.length); // a median's error is 1.25 times a mean's
  const sorted = samples.toSorted((a, b) => a - b);
  const [second = value, lastButOne = value] = samples.length > 3 ? [sorted[1], sorted.at(-2)] : [];
  return { value, low: Math.min(value - error, second), high: Math.max(value + error, lastButOne), samples };
}
