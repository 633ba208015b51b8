import { ArchitectureError } from '@precrop/sdk/core/errors';
import { createRng } from '@precrop/sdk/core/rng';
import type { Initializer, VariableSpec } from '@precrop/sdk/ir/lowering';
import { createProgramBuilder } from '@precrop/sdk/program/builder';
import type { Program } from '@precrop/sdk/program/program';
import { collectVariables, initializeVariables } from '@precrop/sdk/program/variables';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

function spec(name: string, shape: readonly number[], initializer: Initializer = { kind: 'zeros' }): VariableSpec {
  return { name, shape, role: 'kernel', initializer };
}

function toProgram(name: string, ...specs: readonly VariableSpec[]): Program {
  const builder = createProgramBuilder(name, 'train');
  for (const one of specs) builder.variable(one);
  return builder.finish({});
}

function initialize(seed: number, ...specs: readonly VariableSpec[]): Map<string, Float32Array> {
  return initializeVariables(specs, createRng(seed));
}

function statistics(values: Float32Array): { readonly mean: number; readonly deviation: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return { mean, deviation: Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length) };
}

test('programs that share a name share the variable', () => {
  const collected = collectVariables([
    toProgram('train', spec('a', [2]), spec('b', [3])),
    toProgram('infer', spec('b', [3]), spec('c', [])),
  ]);
  assert.equal(
    collected.map(({ name }) => name),
    ['a', 'b', 'c'],
  );
});

test('contradicting shapes are refused with both shapes and the program', () => {
  assert.throws(
    () => collectVariables([toProgram('train', spec('a', [3, 4])), toProgram('infer', spec('a', [3, 5]))]),
    (error: unknown) => error instanceof ArchitectureError && /"a" is \[3x4\].*\[3x5\] in "infer"/.test(error.message),
  );
});

test('zeros and ones', () => {
  const values = initialize(0, spec('zero', [2, 3]), spec('one', [4], { kind: 'ones' }), spec('scalar', [], { kind: 'ones' }));
  assert.equal([...(values.get('zero') ?? [])], [0, 0, 0, 0, 0, 0]);
  assert.equal([...(values.get('one') ?? [])], [1, 1, 1, 1]);
  assert.equal([...(values.get('scalar') ?? [])], [1]);
});

test('he-normal has deviation sqrt(2 / fanIn), mean 0 and normal tails', () => {
  for (const fanIn of [9, 144, 576]) {
    const values = initialize(3, spec('w', [40_000], { kind: 'he-normal', fanIn })).get('w') ?? new Float32Array();
    const expected = Math.sqrt(2 / fanIn);
    const { mean, deviation } = statistics(values);
    assert.ok(Math.abs(mean) < 0.02 * expected, `mean ${mean}`);
    assert.ok(Math.abs(deviation / expected - 1) < 0.02, `deviation ${deviation}, not ${expected}`);
    const beyondTwo = values.filter((value) => Math.abs(value) > 2 * expected).length / values.length;
    assert.ok(Math.abs(beyondTwo - 0.0455) < 0.005, `${beyondTwo} beyond two deviations`);
  }
});

test('fan-in-uniform fills ±1/sqrt(fanIn) evenly', () => {
  const values = initialize(4, spec('w', [40_000], { kind: 'fan-in-uniform', fanIn: 64 })).get('w') ?? new Float32Array();
  const { mean, deviation } = statistics(values);
  assert.ok(values.every((value) => Math.abs(value) <= 1 / 8));
  assert.ok(Math.abs(mean) < 0.002);
  assert.ok(Math.abs(deviation - 1 / 8 / Math.sqrt(3)) < 0.001);
});

test('values depend on the seed and the name alone, not on the order or the company', () => {
  const he = (name: string): VariableSpec => spec(name, [20], { kind: 'he-normal', fanIn: 9 });
  const [alone, together] = [initialize(7, he('b')), initialize(7, he('a'), he('b'), he('c'))];
  assert.equal(alone.get('b'), together.get('b'));
  assert.not.equal(together.get('a'), together.get('b'));
  assert.not.equal(initialize(8, he('b')).get('b'), alone.get('b'));
});

test.run();
