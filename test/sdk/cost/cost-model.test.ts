import { createArchitecture } from '@precrop/sdk/architectures/registry';
import { createRng } from '@precrop/sdk/core/rng';
import { createCostModel, selectEngine } from '@precrop/sdk/cost/cost-model';
import type { DeviceProfile } from '@precrop/sdk/cost/device-profile';
import { toKernels } from '@precrop/sdk/cost/kernels';
import { withWidths } from '@precrop/sdk/ir/widths';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { near } from '../../support/near.js';
import { createSyntheticCosts } from '../../support/synthetic-costs.js';
import { createSyntheticProfile, drawWidths } from '../../support/synthetic-profile.js';

const profile = createSyntheticProfile(60);
const [engine] = createCostModel(profile).inference;
const truth = createSyntheticCosts();
const networks = ['resnet-20', 'mobilenet-v2-x0.5-cifar', 'vgg-11'].flatMap((name) => {
  const architecture = createArchitecture(name);
  return Array.from({ length: 20 }, (_, draw) => withWidths(architecture, drawWidths(architecture, createRng(99).fork(name, draw))));
});
const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] as number;

test('networks that were never timed are predicted from those that were', () => {
  const errors = networks.map((network, index) => {
    const batch = index % 2 === 0 ? 1 : 8;
    return Math.abs((engine?.estimateMs(network, batch).value ?? 0) / truth.estimateMs(network, batch).value - 1);
  });
  assert.ok(median(errors) < 0.02, `median error ${median(errors)}`);
  assert.ok((errors.sort((a, b) => a - b)[54] as number) < 0.06, `90 % ${errors[54]}`);
});

test('the error bars cover the truth about as often as they say', () => {
  const covered = networks.filter((network) => {
    const { low, high } = engine?.estimateMs(network, 8) ?? { low: 0, high: 0 };
    const value = truth.estimateMs(network, 8).value;
    return value >= low && value <= high;
  }).length;
  assert.ok(covered >= 0.78 * networks.length, `${covered} of ${networks.length}`);
});

test('only networks drawn at random say how far off estimates of their kind are', () => {
  // Those that were chosen are off by far more than those that were drawn.
  const spoil = (isRandom: boolean): DeviceProfile => ({
    ...profile,
    inference: profile.inference.map((each) => ({
      ...each,
      timings: each.timings.map((timing, index) => {
        const isOff = index % 2 === 1;
        const factor = isOff ? (index % 4 === 1 ? 1.3 : 0.7) : 1;
        return { ...timing, isRandom: isOff === isRandom, medianMs: factor * timing.medianMs };
      }),
    })),
  });
  const reachOf = (spoilt: DeviceProfile, name: string): number => {
    const { value, high } = createCostModel(spoilt).inference[0]?.estimateMs(createArchitecture(name), 8) ?? { value: 1, high: 0 };
    return (high - value) / value;
  };
  assert.ok(reachOf(spoil(false), 'resnet-20') < 0.7 * reachOf(spoil(true), 'resnet-20'));
  // Of what nothing was drawn, the worst is to be feared.
  near(reachOf(spoil(false), 'resnet-56'), reachOf(spoil(true), 'resnet-56'), 0.2);
});

test('what was never timed has a wider error bar than what was', () => {
  const relative = (name: string): number => {
    const { value, low, high } = engine?.estimateMs(createArchitecture(name), 8) ?? { value: 1, low: 0, high: 0 };
    return (high - low) / value;
  };
  assert.ok(relative('shufflenet-v1-g3') > 2 * relative('resnet-20'), `${relative('shufflenet-v1-g3')} ${relative('resnet-20')}`);
});

test('a measured candidate moves the prediction to what was measured', () => {
  const architecture = createArchitecture('resnet-20');
  const before = engine?.estimateMs(architecture, 8).value ?? 0;
  const median = 1.15 * before;
  const correction = {
    engine: 'onnxruntime/cpu',
    purpose: 'inference',
    architecture,
    batch: 8,
    ms: { median, relativeError: 0.003 },
  } as const;
  const [corrected] = createCostModel(profile, [correction, correction, correction]).inference;
  const after = corrected?.estimateMs(architecture, 8).value ?? 0;
  assert.ok(Math.abs(after / median - 1) < 0.3 * Math.abs(before / median - 1), `${before} → ${after}, measured ${median}`);
});

test('a sum over kernels is what the network is predicted to take', () => {
  const architecture = createArchitecture('vgg-11');
  const model = createCostModel(profile);
  for (const costs of [...model.inference, ...model.training]) {
    const sum = toKernels(architecture, costs.purpose).reduce((total, kernel) => total + costs.kernelMs(kernel, 8), 0);
    near(costs.estimateMs(architecture, 8).value, costs.factorOf(architecture.name) * sum, 1e-9);
    assert.ok(sum > 0);
  }
});

test('memory is a base and so much a byte of weights and of results', () => {
  const memory = engine?.memory ?? { baseBytes: 0, perWeightByte: 0, perActivationByte: 0 };
  assert.ok(Math.abs(memory.baseBytes / truth.memory.baseBytes - 1) < 0.02);
  assert.ok(Math.abs(memory.perWeightByte / truth.memory.perWeightByte - 1) < 0.1, String(memory.perWeightByte));
  const architecture = createArchitecture('resnet-20');
  const { value, low, high } = engine?.estimateBytes(architecture, 8) ?? { value: 0, low: 0, high: 0 };
  const exact = truth.estimateBytes(architecture, 8).value;
  assert.ok(Math.abs(value / exact - 1) < 0.02);
  assert.ok(low < exact && exact < high);
});

test('sizes and kinds beyond what was timed are said', () => {
  assert.equal(engine?.findOutside(createArchitecture('resnet-20'), 8), []);
  const sentences = engine?.findOutside(createArchitecture('resnet-50'), 1) ?? [];
  assert.ok(sentences.includes('No network with "conv7x7/2" was timed.'), sentences.join('\n'));
  assert.match(sentences.join('\n'), /"conv1x1\/1" was timed at \d+ to 1024 pixels, and this has 3136\./);
  assert.match(engine?.findOutside(createArchitecture('resnet-20'), 64).join('\n') ?? '', /images, and this has 64/);
});

test('an engine that was not measured is refused by a sentence', () => {
  assert.is(selectEngine(createCostModel(profile).inference, 'auto').engine, 'onnxruntime/cpu');
  assert.throws(
    () => selectEngine(createCostModel(profile).inference, 'tflite'),
    /no measurements of "tflite"\. It has: onnxruntime\/cpu\. Measure it with precrop profile\./,
  );
});

test.run();
