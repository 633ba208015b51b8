import { tileWeights } from '@precrop/device-agent/profiler/tiled-weights';
import { createArchitecture } from '@precrop/sdk/architectures/registry';
import { createRng } from '@precrop/sdk/core/rng';
import { toInference } from '@precrop/sdk/program/training-step';
import { initializeVariables } from '@precrop/sdk/program/variables';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

test('weights have the sizes, the spread and none of the zeros that initialized ones have', () => {
  const { variables } = toInference(createArchitecture('vgg-11'));
  const kernels = variables.filter(({ role }) => role === 'kernel');
  const tiled = tileWeights(variables, createRng(1));
  const drawn = initializeVariables(kernels.slice(0, 3), createRng(1));
  assert.is(tiled.size, variables.length);
  for (const { name, shape } of variables)
    assert.is(
      tiled.get(name)?.length,
      shape.reduce((a, b) => a * b, 1),
      name,
    );
  for (const [name, expected] of drawn) {
    const [a, b] = [tiled.get(name) ?? new Float32Array(), expected].map((values) =>
      Math.sqrt(values.reduce((s, v) => s + v * v, 0) / values.length),
    );
    assert.ok(Math.abs((a ?? 0) / (b ?? 1) - 1) < 0.1, `${name}: ${a} against ${b}`);
    assert.not(tiled.get(name)?.includes(0));
  }
});

test.run();
