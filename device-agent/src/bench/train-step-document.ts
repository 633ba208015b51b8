import type { Architecture } from '@precrop/sdk/ir/architecture';
import { countProgramMacs } from '@precrop/sdk/program/count-program-macs';
import { toTrainingStep } from '@precrop/sdk/program/training-step';
import type { Host } from '../host/host.js';
import { type Blocks, toRatios } from '../measure/interleave.js';
import { createMeasurement, type Measurement } from '../measure/measurement.js';
import { median, type Summary, summarize } from '../measure/statistics.js';
import { worstVerdict } from '../measure/validity.js';
import { createDocument, type JsonDocument } from '../protocol/json-document.js';
import { peakMacs } from './peak-program.js';

export type ContenderName = 'ours' | 'tfjs-layers' | 'peak-rate';

/** What was measured of one contender, in its own process. */
export interface ContenderMeasured {
  readonly blocks: Blocks;
  /** Resident memory before the first repetition (Node and the libraries), and its highest from there on. */
  readonly baselineRssBytes: number;
  readonly peakRssBytes: number;
}

export interface TrainStepMeasured {
  readonly architecture: Architecture;
  readonly batch: number;
  readonly threads: number;
  readonly host: Host;
  readonly versions: Readonly<Record<string, string>>;
  readonly startedAt: Date;
  readonly clockResolutionMs: number;
  readonly contenders: Readonly<Record<ContenderName, ContenderMeasured>>;
}

export type TrainStepSummary = Readonly<
  Record<
    | 'ourStepMs'
    | 'tfjsLayersStepMs'
    | 'speedupOverTfjsLayers'
    | 'boundMs'
    | 'timesBound'
    | 'ourPeakRssBytes'
    | 'tfjsLayersPeakRssBytes'
    // What the step added to what Node and the native library took before it.
    | 'ourPeakRssGrowthBytes'
    | 'tfjsLayersPeakRssGrowthBytes',
    number
  >
>;

export interface ContenderResult extends Measurement {
  readonly contender: ContenderName;
  /** Multiply-accumulates of one repetition, and billions of floating-point operations a second at the median. */
  readonly macs: number;
  readonly gflops: number;
  /** Samples of each block, in the order of `samples`. */
  readonly blockSizes: readonly number[];
  readonly baselineRssBytes: number;
  readonly peakRssBytes: number;
}

/** How many times faster ours is, a ratio a round. */
export interface SpeedupResult extends Summary {
  readonly contender: 'ours against tfjs-layers';
  readonly ratios: readonly number[];
}

export type TrainStepDocument = JsonDocument<TrainStepSummary, ContenderResult | SpeedupResult>;

const runtimes: Readonly<Record<ContenderName, string>> = {
  ours: 'tensorflow-graph',
  'tfjs-layers': 'tfjs-layers on tfjs-node',
  'peak-rate': 'tensorflow-graph',
};

/** Ratios of rounds that spread by more than this share make the speed-up noisy. */
const steadyRatio = 0.1;

/** The document of `bench train-step`. The bound is the time of the step's MACs at the rate of the fastest matrix products of the same run. */
export function createTrainStepDocument(measured: TrainStepMeasured): TrainStepDocument {
  const { architecture, batch, threads, host, versions, startedAt, contenders } = measured;
  const stepMacs = countProgramMacs(
    toTrainingStep(architecture, { kind: 'sgd', momentum: 0.9, nesterov: true, weightDecay: 0 }, { labelSmoothing: 0 }),
    batch,
  );
  const ours = toResult('ours', stepMacs, measured);
  const layers = toResult('tfjs-layers', stepMacs, measured);
  const peak = toResult('peak-rate', peakMacs, measured);
  const ratios = toRatios(contenders['tfjs-layers'].blocks, contenders.ours.blocks);
  const speedup: SpeedupResult = { contender: 'ours against tfjs-layers', ...summarize(ratios), ratios };
  const boundMs = (stepMacs / peakMacs) * peak.p5;

  const results = [ours, layers, peak];
  const reasons = results.flatMap(({ contender, reasons }) => reasons.map((reason) => `${contender}: ${reason}`));
  const unsteady = speedup.mad > steadyRatio * speedup.median;
  if (unsteady) reasons.push('The speed-up differs from round to round: run again on an idle machine.');

  return createDocument({
    command: 'bench train-step',
    conditions: {
      device: host.device,
      runtime: runtimes.ours,
      runtimeUsed: runtimes.ours,
      threads,
      batch,
      power: host.power,
      versions: { ...host.versions, ...versions },
      startedAt: startedAt.toISOString(),
    },
    verdict: worstVerdict([...results.map(({ verdict }) => verdict), unsteady ? 'noisy' : 'valid']),
    reasons,
    summary: {
      ourStepMs: ours.median,
      tfjsLayersStepMs: layers.median,
      speedupOverTfjsLayers: median(ratios),
      boundMs,
      timesBound: ours.median / boundMs,
      ourPeakRssBytes: ours.peakRssBytes,
      tfjsLayersPeakRssBytes: layers.peakRssBytes,
      ourPeakRssGrowthBytes: ours.peakRssBytes - ours.baselineRssBytes,
      tfjsLayersPeakRssGrowthBytes: layers.peakRssBytes - layers.baselineRssBytes,
    },
    results: [...results, speedup],
  });
}

function toResult(contender: ContenderName, macs: number, measured: TrainStepMeasured): ContenderResult {
  const { batch, threads, clockResolutionMs } = measured;
  const { blocks, baselineRssBytes, peakRssBytes } = measured.contenders[contender];
  const measurement = createMeasurement(blocks.flat(), { runtime: runtimes[contender], threads, batch, clockResolutionMs });
  return {
    contender,
    ...measurement,
    macs,
    gflops: toGflops(macs, measurement.median),
    blockSizes: blocks.map(({ length }) => length),
    baselineRssBytes,
    peakRssBytes,
  };
}

/** A multiply-accumulate is two floating-point operations. */
function toGflops(macs: number, ms: number): number {
  return (2 * macs) / ms / 1e6;
}
