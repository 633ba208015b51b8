import type { BlockedMeasurement, ComparedNetwork, NetworkComparison } from '@precrop/device-agent/report/compare/comparison';
import { type Compared, createComparison } from '@precrop/device-agent/report/compare/create-comparison';
import { toSeedSpread } from '@precrop/device-agent/report/compare/seed-spread';
import type { EpochRecord } from '@precrop/sdk/core/events';
import { syntheticConditions, syntheticMeasurement } from '../synthetic-report.js';

/** SYNTHETIC: every number here is made up for the tests of the report. Nothing was measured. */
export interface SyntheticNetwork {
  readonly params: number;
  readonly macs: number;
  /** Of each seed. */
  readonly accuracies: readonly number[];
  /** At batch 1, 8 and 128, ms. */
  readonly times: readonly [number, number, number];
  readonly runtime: string;
  readonly stepMs: number;
  readonly peakBytes: number;
}

const original: SyntheticNetwork = {
  params: 272_474,
  macs: 40_813_184,
  accuracies: [0.902, 0.899, 0.904],
  times: [0.41, 2.9, 46],
  runtime: 'onnxruntime/cpu',
  stepMs: 204,
  peakBytes: 1_084_000_000,
};

const cropParams: SyntheticNetwork = {
  params: 27_310,
  macs: 12_400_000,
  accuracies: [0.851, 0.848, 0.855],
  times: [0.21, 1.1, 17.5],
  runtime: 'onnxruntime/cpu',
  stepMs: 82,
  peakBytes: 742_000_000,
};

const cropMacs: SyntheticNetwork = {
  ...cropParams,
  params: 66_020,
  macs: 11_300_000,
  accuracies: [0.868, 0.866, 0.871],
  times: [0.2, 1.05, 16.8],
};

const synflow: SyntheticNetwork = {
  ...original,
  params: 28_668,
  macs: 11_400_000,
  accuracies: [0.852, 0.847, 0.853],
  times: [0.38, 1.9, 24],
  runtime: 'sparse-wasm',
  stepMs: 211,
};

const erk: SyntheticNetwork = { ...synflow, macs: 7_300_000, accuracies: [0.831, 0.836, 0.829], times: [0.33, 1.6, 21] };

export type Traits = Readonly<Record<'original' | 'cropParams' | 'cropMacs' | 'synflow' | 'erk', Partial<SyntheticNetwork>>>;

/** What would have been measured of the original, two crops and two sparse networks. */
export function syntheticCompared(change: Partial<Traits> = {}): Compared {
  const network = (id: keyof Traits, base: SyntheticNetwork, facts: Pick<ComparedNetwork, 'id' | 'kind' | 'source' | 'equal' | 'name'>) =>
    toNetwork({ ...base, ...change[id] }, facts);
  const results = [
    network('original', original, { id: 'original', kind: 'original', source: null, equal: null, name: 'original' }),
    network('cropParams', cropParams, {
      id: 'crop-synexp-params',
      kind: 'crop',
      source: 'synexp',
      equal: 'params',
      name: 'synexp crop, equal parameters',
    }),
    network('cropMacs', cropMacs, {
      id: 'crop-synexp-macs',
      kind: 'crop',
      source: 'synexp',
      equal: 'macs',
      name: 'synexp crop, equal MACs',
    }),
    network('synflow', synflow, { id: 'sparse-synflow', kind: 'sparse', source: 'synflow', equal: null, name: 'synflow sparse' }),
    network('erk', erk, { id: 'sparse-erk', kind: 'sparse', source: 'erk', equal: null, name: 'erk sparse' }),
  ];
  return {
    conditions: { ...syntheticConditions, dataset: { ...syntheticConditions.dataset, testImages: 10_000 } },
    setting: {
      density: 0.1,
      crops: ['synexp'],
      sparse: ['synflow', 'erk'],
      seeds: results[0]?.trainings.map(({ seed }) => seed) ?? [],
      align: 4,
      batches: [1, 8, 128],
    },
    steadiness: { verdict: 'valid', reasons: [], samplesMs: [20, 20.1, 19.9, 20, 20, 20.2, 20, 19.8], tries: 1 },
    leftOut: [],
    results,
  };
}

export function syntheticComparison(change: Partial<Traits> = {}): NetworkComparison {
  return createComparison(syntheticCompared(change));
}

/** A made-up timing in six rounds of five. */
export function syntheticTime(label: string, medianMs: number, setting: Partial<BlockedMeasurement> = {}): BlockedMeasurement {
  return { ...syntheticMeasurement(label, medianMs, setting), blockSizes: [5, 5, 5, 5, 5, 5] };
}

function toNetwork(traits: SyntheticNetwork, facts: Pick<ComparedNetwork, 'id' | 'kind' | 'source' | 'equal' | 'name'>): ComparedNetwork {
  const { params, macs, accuracies, times, runtime, stepMs, peakBytes } = traits;
  const isSparse = facts.kind === 'sparse';
  const inference = ([1, 8, 128] as const).map((batch, index) =>
    syntheticTime(`${facts.id} ${batch}`, times[index] ?? 1, { runtime, batch, threads: batch === 1 ? 1 : 2 }),
  );
  const bytes = { onnx: isSparse ? 1_100_000 : 4 * params + 20_000, ...(isSparse ? { 'tflite/sparse': 210_000 } : {}) };
  return {
    ...facts,
    architecture: 'resnet-20',
    widths: [{ group: 'stage1', width: facts.kind === 'crop' ? 8 : 16, originalWidth: 16 }],
    params,
    macs,
    mask: isSparse ? { densities: { 'stem.conv': 1 }, effectiveDensity: 0.0991, collapsed: [] } : null,
    accuracy: toSeedSpread(accuracies),
    trainings: accuracies.map((accuracy, seed) => ({
      seed,
      run: `resnet-20-${facts.id}-${seed}`,
      accuracy,
      epochs: [toRecord(accuracy)],
      peakRssBytes: peakBytes,
      baselineRssBytes: 402_000_000,
    })),
    trainStep: syntheticMeasurement(`${facts.id} step`, stepMs),
    inference,
    trials: inference.map((time) => ({
      stage: 'trial',
      batch: time.batch,
      runtime,
      threads: time.threads,
      medianMs: time.median,
      samplesMs: time.samples.slice(0, 4),
      reason: null,
    })),
    peakRssBytes: { value: peakBytes, baselineBytes: 402_000_000, predictedBytes: peakBytes - 402_000_000 },
    disk: { format: isSparse ? 'tflite/sparse' : 'onnx', bytes: Math.min(...Object.values(bytes)), all: bytes },
  };
}

function toRecord(testAccuracy: number): EpochRecord {
  return {
    epoch: 0,
    trainLoss: 0.4,
    trainAccuracy: testAccuracy,
    testLoss: 0.5,
    testAccuracy,
    learningRate: 0.01,
    trainSeconds: 30,
    evaluateSeconds: 2,
  };
}
