import type { RunContext } from '@precrop/sdk/core/context';
import type { Architecture } from '@precrop/sdk/ir/architecture';
import { median } from '../measure/statistics.js';
import { type MemoryRequest, measureMemory } from '../profiler/measure-memory.js';
import type { MeasuredCost } from '../protocol/plan-file.js';

/** Peak memory of fresh processes. It learns how far processes differ from one another, so that its bounds get narrower or wider. */
export interface MemoryMeter {
  measure(architecture: Architecture): Promise<MeasuredCost>;
}

const processes = 3;

export function createMemoryMeter(engine: Pick<MemoryRequest, 'runtime' | 'batch' | 'threads'>, context: RunContext): MemoryMeter {
  const seen: (readonly number[])[] = [];
  return {
    async measure(architecture) {
      // side by side: nothing is timed
      const all = await Promise.all(Array.from({ length: processes }, () => measureMemory({ ...engine, architecture }, context)));
      const samplesBytes = all.map(({ peakBytes }) => peakBytes);
      seen.push(samplesBytes);
      return toMemoryCost(samplesBytes, seen);
    },
  };
}

/** A spread is assumed before it is seen: as if so many processes had shown it. */
const assumed = { share: 0.005, count: 6 };
/** Standard deviations of a median's error between this measurement and the next, which differ by two errors. */
const reach = 2.3 * Math.SQRT2;

/** The median, and bounds from how far all processes lay from the medians of their networks. */
export function toMemoryCost(samples: readonly number[], seen: readonly (readonly number[])[]): MeasuredCost {
  const value = median(samples);
  const squares = seen.flatMap((each) => each.map((bytes) => (bytes / median(each) - 1) ** 2));
  const degrees = seen.reduce((sum, { length }) => sum + length - 1, 0);
  const total = squares.reduce((sum, square) => sum + square, 0) + assumed.count * assumed.share ** 2;
  const deviation = Math.sqrt(total / (degrees + assumed.count)) * value;
  const error = (reach * 1.25 * deviation) / Math.sqrt(samples.length); // a median's error is 1.25 times a mean's
  return { value, low: value - error, high: value + error, samples };
}
