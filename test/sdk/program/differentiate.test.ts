import { createTfjsEagerBackend } from '@precrop/sdk/backends/tfjs-eager/backend';
import { PreCropError } from '@precrop/sdk/core/errors';
import { createRng } from '@precrop/sdk/core/rng';
import type { Value } from '@precrop/sdk/ir/lowering';
import { createProgramBuilder, type ProgramBuilder } from '@precrop/sdk/program/builder';
import { differentiate } from '@precrop/sdk/program/differentiate';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { dot, norm } from '../../conformance/compare.js';

const backend = createTfjsEagerBackend({ device: 'cpu' });

// Runs a program that `build` makes of one input x of shape [length].
async function run(
  x: readonly number[],
  build: (builder: ProgramBuilder, x: Value) => Record<string, Value>,
): Promise<Record<string, number[]>> {
  const builder = createProgramBuilder('p', 'train');
  const outputs = build(builder, builder.input('x', [x.length]));
  const executable = await backend.compile([builder.finish(outputs)]);
  const results = await executable.run('p', { x: Float32Array.from(x) });
  executable.dispose();
  return Object.fromEntries(Object.entries(results).map(([name, values]) => [name, [...values]]));
}

test('a chain multiplies: d(3 · relu(x)²) = 6 · relu(x)', async () => {
  const { gradient } = await run([-1, 2, 5], (builder, x) => {
    const y = builder.emit('relu', [x], {});
    const target = builder.emit('scale', [builder.emit('mul', [y, y], {})], { factor: 3 });
    return { gradient: differentiate(builder, target, [x])[0] as Value };
  });
  assert.equal(gradient, [0, 12, 30]);
});

test('a fan-out sums: d(x · x + x + 2x) = 2x + 3', async () => {
  const { gradient } = await run([-1, 0, 4], (builder, x) => {
    const square = builder.emit('mul', [x, x], {});
    const sum = builder.emit('add', [square, builder.emit('add', [x, builder.emit('scale', [x], { factor: 2 })], {})], {});
    return { gradient: differentiate(builder, sum, [x])[0] as Value };
  });
  assert.equal(gradient, [1, 3, 11]);
});

test('the seed weighs the target', async () => {
  const { gradient } = await run([1, 2], (builder, x) => ({
    gradient: differentiate(builder, builder.emit('scale', [x], { factor: 2 }), [x], x)[0] as Value,
  }));
  assert.equal(gradient, [2, 4]);
});

test('outputs that nothing depends on have gradient zero', async () => {
  const { gradient } = await run([1, 2, 3, 4, 5], (builder, x) => {
    const [, middle] = builder.emitAll('split', [x], { sizes: [1, 2, 2] });
    return { gradient: differentiate(builder, builder.emit('scale', [middle as Value], { factor: 7 }), [x])[0] as Value };
  });
  assert.equal(gradient, [0, 7, 7, 0, 0]);
});

test('the second operand, smaller by its leading axes, gets the sum over them', async () => {
  const { gradient } = await run([2, 3], (builder, x) => {
    const ones = builder.emit('fill', [], { shape: [4, 2], value: 1 });
    const product = builder.emit('mul', [builder.emit('add', [ones, x], {}), x], {}); // (1 + x) · x, four times
    return { gradient: differentiate(builder, product, [x])[0] as Value };
  });
  assert.equal(gradient, [4 * 5, 4 * 7]);
});

test('the target itself has the seed as its gradient, and a source that it does not depend on has none', () => {
  const builder = createProgramBuilder('p', 'train');
  const [a, b] = [builder.input('a', [2]), builder.input('b', [2])];
  const y = builder.emit('relu', [a], {});
  const seed = builder.input('seed', [2]);
  const [ofTarget, ofA, ofB] = differentiate(builder, y, [y, a, b], seed);
  assert.is(ofTarget, seed);
  assert.ok(ofA);
  assert.is(ofB, undefined);
});

test('what leads to no source is not differentiated', () => {
  const builder = createProgramBuilder('p', 'train');
  const [x, w] = [builder.input('x', [-1, 4, 4, 3]), builder.input('w', [1, 1, 3, 2])];
  const y = builder.emit('conv2d', [x, w], { strides: [1, 1], pads: [0, 0, 0, 0] });
  differentiate(builder, y, [w]);
  const kinds = builder.operations.map(({ kind }) => kind);
  assert.ok(kinds.includes('conv2dBackpropFilter'));
  assert.not.ok(kinds.includes('conv2dBackpropInput'));
});

test('a primitive without a gradient on the way is named', () => {
  const builder = createProgramBuilder('p', 'train');
  const labels = builder.input('labels', [-1], 'int32');
  const y = builder.emit('oneHot', [labels], { depth: 3, on: 1, off: 0 });
  assert.throws(
    () => differentiate(builder, y, [labels]),
    (error: unknown) => error instanceof PreCropError && /oneHot has no gradient/.test(error.message),
  );
});

test('a third derivative of batch norm in training is refused, for it would not be whole', () => {
  const builder = createProgramBuilder('p', 'train');
  const [x, scale, offset] = [builder.input('x', [-1, 2, 2, 3]), builder.input('scale', [3]), builder.input('offset', [3])];
  const again = (value: Value): Value => differentiate(builder, builder.emit('mul', [value, value], {}), [x])[0] as Value;
  const second = again(again(builder.emit('batchNormTrain', [x, scale, offset], { epsilon: 1e-3 })));
  assert.throws(
    () => again(second),
    (error: unknown) => error instanceof PreCropError && /no gradient of its mean and variance/.test(error.message),
  );
});

test('both outputs of the cross-entropy pass their gradients on', async () => {
  const results = await run([0.3, -1, 2, 0.5, 0.1, -0.7], (builder, x) => {
    const logits = builder.emit('reshape', [x], { shape: [2, 3] });
    const targets = builder.emit('fill', [], { shape: [2, 3], value: 1 / 3 });
    const [loss, ofLogits] = builder.emitAll('softmaxCrossEntropy', [logits, targets], {}) as [Value, Value];
    const sumLoss = builder.emit('reduceSum', [loss], { axes: [0] });
    const sumSquares = builder.emit('reduceSum', [builder.emit('mul', [ofLogits, ofLogits], {})], { axes: [0, 1] });
    const gradientOf = (target: Value): Value => differentiate(builder, target, [x])[0] as Value;
    return {
      one: gradientOf(sumLoss),
      other: gradientOf(sumSquares),
      both: gradientOf(builder.emit('add', [sumLoss, sumSquares], {})),
    };
  });
  const { one = [], other = [], both = [] } = results;
  assert.ok(norm(other) > 0.01);
  both.forEach((value, index) => {
    assert.ok(Math.abs(value - (one[index] ?? 0) - (other[index] ?? 0)) < 1e-6);
  });
});

/** A net of a depthwise convolution and average pooling, and one of batch norm and windows of the maximum that overlap. */
const nets = [
  {
    name: 'convolutions',
    append: appendNet,
    shapes: [
      [3, 3, 3, 4],
      [3, 3, 4, 1],
      [4, 3],
    ],
  },
  { name: 'batch norm and maxima', append: appendNormedNet, shapes: [[3, 3, 3, 4], [4], [4], [1, 1, 4, 5], [5], [5], [5, 3]] },
] as const;

// The logits of a net with two convolutions.
function appendNet(builder: ProgramBuilder, x: Value, weights: readonly Value[]): Value {
  const [first, second, third] = weights as [Value, Value, Value];
  const hidden = builder.emit('relu', [builder.emit('conv2d', [x, first], { strides: [2, 2], pads: [1, 1, 0, 1] })], {});
  const spread = builder.emit('depthwiseConv2d', [hidden, second], { strides: [1, 1], pads: [1, 1, 1, 1] });
  const pooled = builder.emit('avgPool', [builder.emit('mul', [spread, spread], {})], {
    window: [2, 2],
    strides: [1, 1],
    pads: [0, 0, 0, 0],
  });
  return classify(builder, pooled, third);
}

// The logits of a net with a batch norm of each kind.
function appendNormedNet(builder: ProgramBuilder, x: Value, weights: readonly Value[]): Value {
  const [first, scale, offset, second, secondScale, secondOffset, third] = weights as [Value, Value, Value, Value, Value, Value, Value];
  const hidden = builder.emit('conv2d', [x, first], { strides: [1, 1], pads: [1, 1, 1, 1] });
  const normed = builder.emit('batchNormTrain', [hidden, scale, offset], { epsilon: 1e-3 });
  const pooled = builder.emit('maxPool', [builder.emit('mul', [normed, normed], {})], {
    window: [3, 3],
    strides: [2, 2],
    pads: [0, 1, 1, 0],
  });
  const squeezed = builder.emit('conv2d', [builder.emit('relu6', [pooled], {}), second], { strides: [1, 1], pads: [0, 0, 0, 0] });
  const [mean, variance] = [0.1, 0.6].map((value) => builder.emit('fill', [], { shape: [5], value })) as [Value, Value];
  const standing = builder.emit('batchNormInfer', [squeezed, secondScale, secondOffset, mean, variance], { epsilon: 1e-3 });
  return classify(builder, builder.emit('mul', [standing, standing], {}), third);
}

function classify(builder: ProgramBuilder, image: Value, kernel: Value): Value {
  return builder.emit('matmul', [builder.emit('reduceMean', [image], { axes: [1, 2] }), kernel], { transposeA: false, transposeB: false });
}

// The weights of a net, and the gradients of its loss.
function appendGradients(
  builder: ProgramBuilder,
  { append, shapes }: (typeof nets)[number],
): { readonly kernels: readonly Value[]; readonly gradients: readonly Value[] } {
  const kernels = shapes.map((shape, index) => builder.input(`w${index}`, shape));
  const logits = append(builder, builder.input('x', [-1, 7, 6, 3]), kernels);
  const targets = builder.emit('oneHot', [builder.input('labels', [-1], 'int32')], { depth: 3, on: 0.9, off: 0.05 });
  const losses = builder.emit('softmaxCrossEntropy', [logits, targets], {});
  const loss = builder.emit('reduceMean', [losses], { axes: [0] });
  return { kernels, gradients: differentiate(builder, loss, kernels) as readonly Value[] };
}

for (const net of nets)
  test(`the gradient of a gradient is the finite difference of gradients: ${net.name}`, async () => {
    const shapes: readonly (readonly number[])[] = net.shapes;
    const plain = createProgramBuilder('gradients', 'train');
    const first = appendGradients(plain, net);
    const twice = createProgramBuilder('product', 'train');
    const { kernels, gradients } = appendGradients(twice, net);
    const products = gradients.map((gradient, index) => {
      const direction = twice.input(`v${index}`, gradient.shape);
      return twice.emit('reduceSum', [twice.emit('mul', [gradient, direction], {})], { axes: gradient.shape.map((_, axis) => axis) });
    });
    const along = products.reduce((sum, product) => twice.emit('add', [sum, product], {}));
    const hessianTimesV = differentiate(twice, along, kernels) as readonly Value[];

    const named = (values: readonly Value[]): Record<string, Value> =>
      Object.fromEntries(values.map((value, index) => [`g${index}`, value]));
    const executable = await backend.compile([plain.finish(named(first.gradients)), twice.finish(named(hessianTimesV))]);
    const rng = createRng(5);
    const draw = (size: number): Float32Array => Float32Array.from({ length: size }, () => rng.normal());
    const sizes = shapes.map((shape) => shape.reduce((size, extent) => size * extent, 1));
    const weights = sizes.map((size) => draw(size).map((value) => value / 2));
    const directions = sizes.map(draw);
    const data = { x: draw(2 * 7 * 6 * 3), labels: Int32Array.of(2, 0) };
    const feed = (letter: string, values: readonly Float32Array[]): Record<string, Float32Array> =>
      Object.fromEntries(values.map((value, index) => [`${letter}${index}`, value]));

    const step = 1e-3;
    const gradientsAt = (shift: number): Promise<Readonly<Record<string, Float32Array>>> =>
      executable.run('gradients', {
        ...data,
        ...feed(
          'w',
          weights.map((w, i) => w.map((value, j) => value + shift * (directions[i]?.[j] ?? 0))),
        ),
      });
    const [after, before] = [await gradientsAt(step), await gradientsAt(-step)];
    const exact = await executable.run('product', { ...data, ...feed('w', weights), ...feed('v', directions) });
    for (const [name, values] of Object.entries(exact)) {
      const numeric = values.map((_, index) => ((after[name]?.[index] ?? 0) - (before[name]?.[index] ?? 0)) / (2 * step));
      const difference = norm(values.map((value, index) => value - (numeric[index] ?? 0)));
      assert.ok(norm(values) > 0.01, `${name} is not trivially zero`);
      assert.ok(difference < 5e-3 * norm(values), `${name} differs by ${difference / norm(values)}`);
    }
    // The Hessian is symmetric: u · Hv = v · Hu.
    const others = sizes.map(draw);
    const swapped = await executable.run('product', { ...data, ...feed('w', weights), ...feed('v', others) });
    const total = (product: Readonly<Record<string, Float32Array>>, by: readonly Float32Array[]): number =>
      by.reduce((sum, values, index) => sum + dot(product[`g${index}`] ?? [], values), 0);
    assert.ok(Math.abs(total(exact, others) - total(swapped, directions)) < 1e-4 * Math.abs(total(exact, directions)));
    executable.dispose();
  });

test.run();
