import { createArchitecture } from '@precrop/sdk/architectures/registry';
import { createRng, type Rng } from '@precrop/sdk/core/rng';
import type { EngineCosts } from '@precrop/sdk/cost/cost-model';
import type { DeviceProfile, ProfileMemory, ProfileTiming } from '@precrop/sdk/cost/device-profile';
import { nearestWidth, widthRangeOf } from '@precrop/sdk/crop/alignment';
import type { Architecture } from '@precrop/sdk/ir/architecture';
import { findWidthGroups } from '@precrop/sdk/ir/width-groups';
import { type Widths, withWidths } from '@precrop/sdk/ir/widths';
import { createSyntheticCosts } from './synthetic-costs.js';

/** Widths in multiples of eight, narrow and wide. */
export function drawWidths(architecture: Architecture, rng: Rng): Widths {
  const base = 0.2 ** rng.uniform();
  return new Map(
    findWidthGroups(architecture).groups.map((group) => [
      group.name,
      nearestWidth(Math.min(group.width, group.width * base * Math.exp(rng.uniform() - 0.5)), widthRangeOf(group, 8)),
    ]),
  );
}

/** A profile as it would come of a device whose costs are known, with errors of so much. */
export function createSyntheticProfile(networks: number, scatter = 0.01): DeviceProfile {
  const names = ['resnet-20', 'mobilenet-v2-x0.5-cifar', 'vgg-11'];
  const rng = createRng(2);
  const draw = (costs: EngineCosts, index: number, batch: number): ProfileTiming => {
    const network = names[index % names.length] as string;
    const widths = drawWidths(createArchitecture(network), rng.fork(costs.purpose, index));
    const exact = costs.estimateMs(withWidths(createArchitecture(network), widths), batch).value;
    const medianMs = exact * (1 + scatter * rng.fork('error', costs.purpose, index).normal());
    return {
      network,
      widths: Object.fromEntries(widths),
      batch,
      isRandom: true,
      cores: 'usual',
      medianMs,
      lowMs: medianMs * (1 - 2 * scatter),
      highMs: medianMs * (1 + 2 * scatter),
      madMs: scatter * medianMs,
      samplesMs: [medianMs],
      verdict: 'valid',
    };
  };
  const memory = (costs: EngineCosts): readonly ProfileMemory[] =>
    names.flatMap((network) =>
      [1, 8].map((batch): ProfileMemory => {
        const peakBytes = costs.estimateBytes(createArchitecture(network), batch).value;
        return { network, widths: {}, batch, peakBytes, samplesBytes: [peakBytes] };
      }),
    );
  const engine = (engine: string, costs: EngineCosts, batches: readonly number[]) => ({
    engine,
    version: '1.0',
    threads: 2,
    callMs: 2 ** -8,
    baseBytes: costs.memory.baseBytes,
    timings: Array.from({ length: networks }, (_, index) => draw(costs, index, batches[index % batches.length] as number)),
    memory: memory(costs),
  });
  return {
    schemaVersion: 4,
    createdAt: '2026-11-01T10:00:00Z',
    seconds: 60,
    extent: 'default',
    deviceId: '0123456789abcdef',
    device: 'A synthetic device, 2 cores',
    host: {},
    // 2^26 multiply-accumulates a millisecond.
    machine: { peakGflops: 134, bandwidthGbPerS: 67, cores: { handshakeNs: 100, sharing: 1 } },
    inference: [engine('onnxruntime/cpu', createSyntheticCosts('inference'), [1, 8])],
    training: [engine('tensorflow-graph', createSyntheticCosts('training'), [64])],
    verdict: 'valid',
    reasons: [],
  };
}
