import type { Backend, Executable, Feeds } from '@precrop/sdk/backends/backend';
import { BackendError } from '@precrop/sdk/core/errors';
import { createRng } from '@precrop/sdk/core/rng';
import type { PrimitiveKind, Value } from '@precrop/sdk/ir/lowering';
import { createProgramBuilder } from '@precrop/sdk/program/builder';
import { differentiate } from '@precrop/sdk/program/differentiate';
import { primitiveKinds, primitiveOf } from '@precrop/sdk/program/primitives';
import type { Test } from 'uvu';
import * as assert from 'uvu/assert';
import { assertClose, dot, norm } from './compare.js';
import { decode, type GoldenCase, loadPrimitiveCases } from './golden.js';
import { toFeeds, toForward, toGradient, toUpstreamFeeds } from './primitive-programs.js';

/** Primitives that write variables: the suite of updates has them. */
const updates: readonly PrimitiveKind[] = ['assign', 'applyMomentum', 'applyAdam'];

export interface PrimitiveTestOptions {
  /** Relative to the largest expected value. Default 2e-5: float32 sums of a few hundred terms. */
  readonly goldenTolerance?: number;
}

/** Relative to the norms of gradient and direction. */
const differenceTolerance = 2e-3;
const stepSize = 1e-2;

/** Registers a test for every primitive: its outputs and gradients against golden numbers, its gradients against finite differences. */
export function registerPrimitiveTests(test: Test, backend: Backend, { goldenTolerance = 2e-5 }: PrimitiveTestOptions): void {
  const cases = loadPrimitiveCases();

  test(`${backend.name}: every primitive has golden numbers, and gradients exactly where it has one`, () => {
    assert.equal([...cases.keys(), ...updates].sort(), [...primitiveKinds].sort());
    for (const [kind, list] of cases) {
      const hasGradient = list.some(({ gradients }) => gradients.some((gradient) => gradient !== null));
      assert.is(primitiveOf(kind).gradient !== undefined, hasGradient, kind);
    }
  });

  test(`${backend.name}: the gradient of maxPoolGrad is its transpose where windows overlap and have equal maxima`, () =>
    checkEqualMaxima(backend));

  for (const [kind, list] of cases) {
    test(`${backend.name}: ${kind} and its gradient in ${list.length} cases`, async () => {
      for (const golden of list) await checkCase(backend, kind, golden, goldenTolerance);
    });
  }
}

/** maxPoolGrad is linear in dy, so its gradient is its transpose, whichever of equal maxima the backend takes and however windows overlap. */
async function checkEqualMaxima(backend: Backend): Promise<void> {
  const attributes = { window: [3, 3], strides: [2, 2], pads: [1, 1, 0, 1] } as const;
  const builder = createProgramBuilder('equal', 'train');
  const [x, dy, u] = [builder.input('x', [-1, 6, 5, 2]), builder.input('dy', [-1, 3, 2, 2]), builder.input('u', [-1, 6, 5, 2])];
  const dx = builder.emit('maxPoolGrad', [x, builder.emit('maxPool', [x], attributes), dy], attributes);
  const [picked] = differentiate(builder, dx, [dy], u) as [Value];
  const executable = await backend.compile([builder.finish({ dx, picked })]);
  const rng = createRng(3);
  const draw = (length: number): Float32Array => Float32Array.from({ length }, () => rng.normal());
  const feeds = { x: Float32Array.from({ length: 120 }, () => rng.integer(0, 1)), dy: draw(24), u: draw(120) };
  const outputs = await executable.run('equal', feeds);
  executable.dispose();
  const [one, other] = [dot(feeds.u, outputs['dx'] ?? []), dot(outputs['picked'] ?? [], feeds.dy)];
  assert.ok(Math.abs(one) > 0.1 && Math.abs(one - other) < 1e-4 * norm(feeds.u) * norm(feeds.dy), `${one} and ${other}`);
}

async function checkCase(backend: Backend, kind: PrimitiveKind, golden: GoldenCase, goldenTolerance: number): Promise<void> {
  const differentiable = golden.gradients.some((gradient) => gradient !== null);
  const programs = [toForward(kind, golden, 'forward'), ...(differentiable ? [toGradient(kind, golden, 'gradient')] : [])];
  let executable: Executable;
  try {
    executable = await backend.compile(programs);
  } catch (error) {
    if (golden.refusable && error instanceof BackendError) return;
    throw error;
  }
  try {
    const forward = (feeds: Feeds): Promise<Readonly<Record<string, Float32Array>>> => executable.run('forward', feeds);
    const outputs = await forward(toFeeds(golden));
    golden.outputs.forEach((expected, index) => {
      assertClose(outputs[`output${index}`] ?? [], decode(expected), goldenTolerance, `${kind} (${golden.name}), output ${index},`);
    });
    if (!differentiable) return;
    const gradients = await executable.run('gradient', { ...toFeeds(golden), ...toUpstreamFeeds(golden) });
    golden.gradients.forEach((expected, index) => {
      const gradient = gradients[`gradient${index}`];
      if (expected === null) assert.is(gradient, undefined);
      else assertClose(gradient ?? [], decode(expected), goldenTolerance, `${kind} (${golden.name}), gradient ${index},`);
    });
    if (golden.name !== 'large logits' && !golden.dependent) await checkDifference(kind, golden, forward, gradients);
  } finally {
    executable.dispose();
  }
}

// Along one random direction of all inputs together: (f(x + εd) - f(x - εd)) · upstream / 2ε against gradient · d.
async function checkDifference(
  kind: PrimitiveKind,
  golden: GoldenCase,
  forward: (feeds: Feeds) => Promise<Readonly<Record<string, Float32Array>>>,
  gradients: Readonly<Record<string, Float32Array>>,
): Promise<void> {
  const feeds = toFeeds(golden);
  const rng = createRng(1).fork(kind, golden.name);
  const directions = Object.keys(gradients).map((name) => ({
    input: name.replace('gradient', 'input'),
    gradient: gradients[name] ?? new Float32Array(),
    direction: Float32Array.from(gradients[name] ?? [], () => 2 * rng.uniform() - 1),
  }));
  const along = async (step: number): Promise<number> => {
    const moved = directions.map(({ input, direction }) => [
      input,
      Float32Array.from(direction, (d, i) => (feeds[input]?.[i] ?? 0) + step * d),
    ]);
    const outputs = await forward({ ...feeds, ...Object.fromEntries(moved) });
    return golden.upstream.reduce(
      (sum, data, index) => (data === null ? sum : sum + dot(decode(data), outputs[`output${index}`] ?? [])),
      0,
    );
  };
  const numeric = ((await along(stepSize)) - (await along(-stepSize))) / (2 * stepSize);
  const analytic = directions.reduce((sum, { gradient, direction }) => sum + dot(gradient, direction), 0);
  const size = directions.reduce((sum, { gradient, direction }) => sum + norm(gradient) * norm(direction), 0);
  assert.ok(
    Math.abs(numeric - analytic) <= differenceTolerance * size,
    `${kind} (${golden.name}): the finite difference is ${numeric}, the gradient says ${analytic}`,
  );
}
