import { peakMacs } from '@precrop/device-agent/bench/peak-program';
import { type ContenderMeasured, createTrainStepDocument, type TrainStepMeasured } from '@precrop/device-agent/bench/train-step-document';
import { jsonDocumentSchema } from '@precrop/device-agent/protocol/json-document';
import { createArchitecture } from '@precrop/sdk/architectures/registry';
import { createRng } from '@precrop/sdk/core/rng';
import { countArchitecture, countNodes } from '@precrop/sdk/ir/count';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { near } from '../../support/near.js';

const rng = createRng(2);
const architecture = createArchitecture('resnet-20');
const rounds = 6;

function contender(ms: number, spread = 0.01, peakRssBytes = 1e9): ContenderMeasured {
  const blocks = Array.from({ length: rounds }, () => Array.from({ length: 4 }, () => ms * (1 + spread * rng.normal())));
  return { blocks, baselineRssBytes: 3e8, peakRssBytes };
}

function measured(changes: Partial<TrainStepMeasured['contenders']> = {}): TrainStepMeasured {
  return {
    architecture,
    batch: 128,
    threads: 2,
    host: {
      device: 'a CPU',
      cpu: 'a CPU',
      cores: 2,
      physicalCores: 2,
      memoryBytes: 8e9,
      os: 'an OS',
      power: 'mains',
      versions: { node: '20.0.0' },
    },
    versions: { tensorflow: '2.21.0' },
    startedAt: new Date(0),
    clockResolutionMs: 1e-4,
    contenders: { ours: contender(200), 'tfjs-layers': contender(800, 0.01, 3e9), 'peak-rate': contender(40), ...changes },
  };
}

test('the document has the frame, the named figures and the raw samples', () => {
  const document = createTrainStepDocument(measured());
  jsonDocumentSchema.parse(JSON.parse(JSON.stringify(document)));
  assert.is(document.command, 'bench train-step');
  assert.equal(Object.keys(document.summary).sort(), [
    'boundMs',
    'ourPeakRssBytes',
    'ourPeakRssGrowthBytes',
    'ourStepMs',
    'speedupOverTfjsLayers',
    'tfjsLayersPeakRssBytes',
    'tfjsLayersPeakRssGrowthBytes',
    'tfjsLayersStepMs',
    'timesBound',
  ]);
  assert.is(document.verdict, 'valid', document.reasons.join());
  assert.equal(document.conditions.versions, { node: '20.0.0', tensorflow: '2.21.0' });
  const samples = document.results.map((result) => ('samples' in result ? result.samples.length : result.ratios.length));
  assert.equal(samples, [24, 24, 24, 6]);
});

test('the bound is the time of the MACs of forward and both gradients at the rate of the matrix products', () => {
  const { summary } = createTrainStepDocument(measured({ 'peak-rate': contender(40, 0) }));
  const { macs } = countArchitecture(architecture);
  const stem = countNodes(architecture)[0]?.macs as number;
  const gflops = (2 * peakMacs) / 40e6;
  near(summary.boundMs, (2 * 128 * (3 * macs - stem)) / gflops / 1e6, 1e-6);
  near(summary.timesBound, summary.ourStepMs / summary.boundMs, 1e-12);
});

test('a machine twice as fast changes no ratio', () => {
  const halve = ({ blocks, ...rest }: ContenderMeasured): ContenderMeasured => ({
    ...rest,
    blocks: blocks.map((block) => block.map((ms) => ms / 2)),
  });
  const slow = measured();
  const { ours, 'tfjs-layers': layers, 'peak-rate': peak } = slow.contenders;
  const fast = { ...slow, contenders: { ours: halve(ours), 'tfjs-layers': halve(layers), 'peak-rate': halve(peak) } };
  const [a, b] = [createTrainStepDocument(slow).summary, createTrainStepDocument(fast).summary];
  near(a.speedupOverTfjsLayers, b.speedupOverTfjsLayers, 1e-9);
  near(a.timesBound, b.timesBound, 1e-9);
  near(a.ourStepMs, 2 * b.ourStepMs, 1e-9);
});

test('one noisy contender makes the document noisy, and is named', () => {
  const document = createTrainStepDocument(measured({ 'tfjs-layers': contender(800, 0.12) }));
  assert.is(document.verdict, 'noisy');
  assert.ok(
    document.reasons.some((reason) => reason.startsWith('tfjs-layers: ')),
    document.reasons.join(),
  );
});

test('a ratio that changes from round to round is told', () => {
  const blocks = [1, 3, 1, 3, 1, 3].map((factor) => [200 * factor, 200 * factor, 200 * factor]);
  const document = createTrainStepDocument(measured({ ours: { ...contender(200), blocks } }));
  assert.is.not(document.verdict, 'valid');
  assert.ok(document.reasons.some((reason) => /speed-up differs/.test(reason)));
});

test.run();
