// @serial
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createArchitecture } from '@precrop/sdk/architectures/registry';
import { createTensorflowGraphBackend } from '@precrop/sdk/backends/tensorflow-graph/backend';
import { createProgramBuilder } from '@precrop/sdk/program/builder';
import { measureLiveness } from '@precrop/sdk/program/liveness';
import { toInference, toTrainingStep } from '@precrop/sdk/program/training-step';
import { defaultRecipe } from '@precrop/sdk/train/recipe';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { skip } from '../../support/skip.js';

test('a chain holds an operand and a result at a time', () => {
  const builder = createProgramBuilder('chain', 'infer');
  const x = builder.input('x', [-1, 10]);
  const a = builder.emit('transpose', [x], { permutation: [1, 0] });
  const b = builder.emit('transpose', [a], { permutation: [1, 0] });
  assert.is(measureLiveness(builder.finish({ b }), 5).peakBytes, 2 * 5 * 10 * 4);
});

test('a result takes over its operand where that is read no more, and only there', () => {
  const peakOf = (keepsInput: boolean): number => {
    const builder = createProgramBuilder('in-place', 'infer');
    const x = builder.input('x', [-1, 10]);
    const y = builder.emit('relu', [x], {});
    return measureLiveness(builder.finish(keepsInput ? { x, y } : { y }), 5).peakBytes;
  };
  assert.is(peakOf(false), 5 * 10 * 4);
  assert.is(peakOf(true), 2 * 5 * 10 * 4);
});

test('a view has no memory of its own, and keeps what it looks at alive', () => {
  const builder = createProgramBuilder('view', 'infer');
  const x = builder.input('x', [-1, 10]);
  const y = builder.emit('reshape', [x], { shape: [-1, 2, 5] });
  const z = builder.emit('transpose', [y], { permutation: [0, 2, 1] });
  assert.is(measureLiveness(builder.finish({ y, z }), 5).peakBytes, 2 * 5 * 10 * 4);
});

const step = (name: string): ReturnType<typeof toTrainingStep> =>
  toTrainingStep(createArchitecture(name), defaultRecipe.optimizer, defaultRecipe);

test('the parts add up, and only activations grow with the batch', () => {
  const program = step('resnet-20');
  const [small, large] = [measureLiveness(program, 32), measureLiveness(program, 64)];
  for (const { peakBytes, weightBytes, optimizerBytes, activationBytes, gradientBytes } of [small, large]) {
    assert.is(peakBytes, weightBytes + optimizerBytes + activationBytes + gradientBytes);
  }
  assert.is(small.weightBytes, large.weightBytes);
  assert.is(small.optimizerBytes, large.optimizerBytes);
  const growth = large.activationBytes / small.activationBytes;
  assert.ok(growth > 1.95 && growth <= 2, `activations grew ${growth} times`);
});

test('weights are 4 bytes a parameter and moving average; momentum is one slot a parameter', () => {
  const { weightBytes, optimizerBytes } = measureLiveness(step('resnet-20'), 1);
  const movingAverages = 2 * (16 + 6 * 16 + 7 * 32 + 7 * 64);
  assert.is(optimizerBytes, 4 * 272474); // ResNet-20 with projections and batch norm
  assert.is(weightBytes, optimizerBytes + 4 * movingAverages);
});

test('inference needs far less than a training step', () => {
  const inference = measureLiveness(toInference(createArchitecture('resnet-20')), 128);
  assert.ok(inference.peakBytes < measureLiveness(step('resnet-20'), 128).peakBytes / 4);
});

// Three families at two batch sizes: what liveness predicts against the growth that the kernel counted.
const run = promisify(execFile);
const script = fileURLToPath(new URL('../../support/measure-step-memory.js', import.meta.url));
const { status } = await createTensorflowGraphBackend().probe();
for (const [name, batch] of [
  ['resnet-20', 64],
  ['resnet-20', 128],
  ['mobilenet-v2-x0.5-cifar', 32],
  ['mobilenet-v2-x0.5-cifar', 64],
  ['shufflenet-v1-g3-cifar', 32],
  ['shufflenet-v1-g3-cifar', 64],
] as const) {
  const title = `${name} at batch ${batch}: predicted within 15 % of the measured growth of peak RSS`;
  if (status !== 'ready' || !existsSync('/proc/self/status')) {
    skip(test, title, 'it needs the tensorflow-graph backend, and /proc to read the peak from');
    continue;
  }
  test(title, async () => {
    const { stdout } = await run(process.execPath, ['--expose-gc', script, name, String(batch)]);
    const { activationBytes, gradientBytes } = measureLiveness(step(name), batch);
    const ratio = Number(stdout) / (activationBytes + gradientBytes);
    assert.ok(Math.abs(ratio - 1) <= 0.15, `measured ${Number(stdout)} bytes, ${ratio.toFixed(3)} times the prediction`);
  });
}

test.run();
