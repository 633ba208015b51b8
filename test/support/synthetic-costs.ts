import type { EngineCosts } from '@precrop/sdk/cost/cost-model';
import { type Kernel, type Purpose, toKernels } from '@precrop/sdk/cost/kernels';
import { countMemoryParts } from '@precrop/sdk/cost/memory-model';

const memory = { baseBytes: 60e6, perWeightByte: 6, perActivationByte: 2, perKernel: 50_000 };

/** A device that is known exactly: vectors of eight channels, and a fixed price of each call. Milliseconds in powers of two add up exactly. */
export function createSyntheticCosts(purpose: Purpose = 'inference'): EngineCosts {
  const kernelMs = ({ macs, inChannels, outChannels, reads, writes }: Kernel, batch: number): number => {
    const waste = (8 * Math.ceil(inChannels / 8) * 8 * Math.ceil(outChannels / 8)) / (inChannels * outChannels);
    return 2 ** -8 + Math.round(batch * (macs * waste + 4 * (reads + writes))) * 2 ** -26;
  };
  const exactly = (value: number) => ({ value, low: value, high: value });
  return {
    engine: 'synthetic',
    threads: 1,
    purpose,
    memory,
    kernelMs,
    factorOf: () => 1,
    estimateMs: (architecture, batch) =>
      exactly(toKernels(architecture, purpose).reduce((sum, kernel) => sum + kernelMs(kernel, batch), 0)),
    estimateBytes(architecture, batch) {
      const { weightBytes, activationBytes, kernels } = countMemoryParts(architecture, batch);
      const { baseBytes, perWeightByte, perActivationByte, perKernel } = memory;
      return exactly(baseBytes + perWeightByte * weightBytes + perActivationByte * activationBytes + perKernel * kernels);
    },
    findOutside: () => [],
  };
}
