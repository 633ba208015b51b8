import type { Backend, Executable, Weights } from '@precrop/sdk/backends/backend';
import { createRng } from '@precrop/sdk/core/rng';
import { findPrunableLayers } from '@precrop/sdk/density/layer-densities';
import { applyMasks, kernelName, type Masks } from '@precrop/sdk/mask/masks';
import { drawMasks, type Granularity, granularities, realiseMasks } from '@precrop/sdk/mask/realise';
import { type Optimizer, optimizerFeeds } from '@precrop/sdk/program/optimizer';
import { maskName, toTrainingStep } from '@precrop/sdk/program/training-step';
import { initializeVariables } from '@precrop/sdk/program/variables';
import type { Test } from 'uvu';
import * as assert from 'uvu/assert';
import { createEveryOp } from '../support/every-op.js';
import { toImages, toLabels } from './network-values.js';

const architecture = createEveryOp();
const layers = findPrunableLayers(architecture);
const kernels = layers.map(({ id }) => kernelName(id));
const steps = 4;

const optimizers: readonly Optimizer[] = [
  { kind: 'sgd', momentum: 0.9, nesterov: true, weightDecay: 0.05 },
  { kind: 'sgd', momentum: 0.9, nesterov: false, weightDecay: 0.05 },
  { kind: 'adamw', beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.05 },
];

/** Registers tests of training under masks: what is zero stays zero to the bit, in weights and in the optimizer's state. */
export function registerMaskedTrainingTests(test: Test, backend: Backend): void {
  for (const optimizer of optimizers) {
    const rule = optimizer.kind === 'sgd' && optimizer.nesterov ? 'sgd, nesterov' : optimizer.kind;

    for (const granularity of granularities) {
      test(`${backend.name}: ${rule}, ${granularity}: zeros and their momentum stay zeros, all else moves`, async () => {
        const masks = createMasks(granularity);
        const executable = await start(backend, optimizer, masks);
        await trainSteps(executable, optimizer, 0, steps);
        const after = await executable.readVariables();
        executable.dispose();
        for (const [id, mask] of masks) {
          const slots = [...after.keys()].filter((name) => name.startsWith(`${kernelName(id)}/`) && name !== maskName(kernelName(id)));
          assert.is(slots.length, optimizer.kind === 'adamw' ? 2 : 1);
          for (const name of [kernelName(id), ...slots]) {
            const values = after.get(name) as Float32Array;
            const moved = [...values.keys()].filter((index) => values[index] !== 0);
            assert.ok(
              moved.every((index) => mask[index] === 1),
              `${name} has values where its mask has zeros`,
            );
            assert.ok(moved.length > 0, `${name} has not moved at all`);
          }
          assert.equal([...(after.get(maskName(kernelName(id))) ?? [])], [...mask], 'the mask itself has not moved');
        }
      });
    }

    test(`${backend.name}: ${rule}: without the masks the same zeros are trained away`, async () => {
      const masks = createMasks('unstructured');
      const executable = await start(backend, optimizer, masks, []);
      await trainSteps(executable, optimizer, 0, steps);
      const after = await executable.readVariables();
      executable.dispose();
      for (const [id, mask] of masks) {
        const values = after.get(kernelName(id)) as Float32Array;
        assert.ok(
          mask.some((one, index) => one === 0 && values[index] !== 0),
          id,
        );
      }
    });

    test(`${backend.name}: ${rule}: stopped half-way and gone on with elsewhere, masked training has the same bits`, async () => {
      const masks = createMasks('unstructured');
      const whole = await start(backend, optimizer, masks);
      await trainSteps(whole, optimizer, 0, steps);
      const expected = await whole.readVariables();
      whole.dispose();

      const first = await start(backend, optimizer, masks);
      await trainSteps(first, optimizer, 0, steps / 2);
      const saved = await first.readVariables();
      first.dispose();
      const second = await backend.compile([toTrainingStep(architecture, optimizer, loss, kernels)]);
      await second.writeVariables(saved);
      await trainSteps(second, optimizer, steps / 2, steps);
      assertSameBits(await second.readVariables(), expected);
      second.dispose();
    });
  }

  test(`${backend.name}: masks of ones change no bit of training`, async () => {
    const [optimizer] = optimizers as [Optimizer];
    const ones: Masks = new Map(layers.map(({ id, prunable }) => [id, new Uint8Array(prunable).fill(1)]));
    const [masked, dense] = [await start(backend, optimizer, ones), await start(backend, optimizer, ones, [])];
    for (const executable of [masked, dense]) await trainSteps(executable, optimizer, 0, steps);
    const expected = await dense.readVariables();
    const after = await masked.readVariables();
    assertSameBits(new Map([...expected.keys()].map((name) => [name, after.get(name) as Float32Array])), expected);
    for (const executable of [masked, dense]) executable.dispose();
  });
}

const loss = { labelSmoothing: 0.1 };

function createMasks(granularity: Granularity): Masks {
  const drawn = drawMasks(layers, new Map(layers.map(({ id }) => [id, 0.4])), createRng(2));
  return realiseMasks(drawn, granularity, layers, createRng(3));
}

/** @param masked kernels that the program keeps masked; the first weights have the zeros in any case. */
async function start(backend: Backend, optimizer: Optimizer, masks: Masks, masked: readonly string[] = kernels): Promise<Executable> {
  const program = toTrainingStep(architecture, optimizer, loss, masked);
  const executable = await backend.compile([program]);
  const first = applyMasks(initializeVariables(program.variables, createRng(1)), masks);
  const ones = [...masks].map(([id, mask]) => [maskName(kernelName(id)), Float32Array.from(mask)] as const);
  await executable.writeVariables(new Map([...first, ...(masked.length > 0 ? ones : [])]));
  return executable;
}

async function trainSteps(executable: Executable, optimizer: Optimizer, from: number, to: number): Promise<void> {
  for (let step = from; step < to; step++) {
    const batch = { images: toImages(step, 6, architecture.input), labels: toLabels(6, architecture.classes) };
    await executable.run('train', { ...batch, ...optimizerFeeds(optimizer, 0.05, step) }, ['loss']);
  }
}

function assertSameBits(actual: Weights, expected: Weights): void {
  assert.equal([...actual.keys()].toSorted(), [...expected.keys()].toSorted());
  for (const [name, values] of expected) {
    const bits = (array: Float32Array | undefined): Buffer => Buffer.from(array ? Float32Array.from(array).buffer : new ArrayBuffer(0));
    assert.ok(bits(actual.get(name)).equals(bits(values)), `${name} differs`);
  }
}
