import { UsageError } from '@precrop/sdk/core/errors';
import type { VariableRole } from '@precrop/sdk/ir/lowering';
import { createProgramBuilder } from '@precrop/sdk/program/builder';
import { type AdamWOptimizer, type Optimizer, optimize, optimizerFeeds, type SgdOptimizer } from '@precrop/sdk/program/optimizer';
import type { Program } from '@precrop/sdk/program/program';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const sgd: SgdOptimizer = { kind: 'sgd', momentum: 0.9, nesterov: true, weightDecay: 5e-4 };
const adamw: AdamWOptimizer = { kind: 'adamw', beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01 };

// The update of one variable a role.
function toUpdate(optimizer: Optimizer, roles: readonly VariableRole[]): Program {
  const builder = createProgramBuilder('update', 'train');
  const trained = roles.map((role) => {
    const value = builder.variable({ name: role, shape: [3], role, initializer: { kind: 'zeros' } });
    const variable = builder.variables.find(({ name }) => name === role);
    return { variable: variable as NonNullable<typeof variable>, value, gradient: builder.input(`gradient/${role}`, [3]) };
  });
  optimize(builder, optimizer, trained);
  return builder.finish({});
}

test('SGD decays kernels alone', () => {
  const program = toUpdate(sgd, ['kernel', 'bias', 'scale', 'offset']);
  const decays = program.operations.filter(({ kind }) => kind === 'scale');
  const kernel = program.variables.find(({ name }) => name === 'kernel')?.value;
  assert.equal(
    decays.map(({ inputs, attributes }) => [inputs, attributes]),
    [[[kernel], { factor: 5e-4 }]],
  );
  assert.is(toUpdate({ ...sgd, weightDecay: 0 }, ['kernel']).operations.length, 1);
});

test('AdamW decays kernels alone', () => {
  const updates = toUpdate(adamw, ['kernel', 'bias', 'scale', 'offset']).operations;
  const decays = updates.map(
    (operation) => operation.kind === 'applyAdam' && [operation.attributes.variable, operation.attributes.weightDecay],
  );
  assert.equal(decays, [
    ['kernel', 0.01],
    ['bias', 0],
    ['scale', 0],
    ['offset', 0],
  ]);
});

test('every variable has its own slots, zero at first', () => {
  const slots = (optimizer: Optimizer): string[] =>
    toUpdate(optimizer, ['kernel', 'bias']).variables.flatMap(({ name, role, initializer, value }) =>
      role === 'slot' && initializer.kind === 'zeros' && value === undefined ? [name] : [],
    );
  assert.equal(slots(sgd), ['kernel/momentum', 'bias/momentum']);
  assert.equal(slots(adamw), ['kernel/first-moment', 'kernel/second-moment', 'bias/first-moment', 'bias/second-moment']);
});

test('the feeds are exactly the inputs that the update reads beside the gradients', () => {
  for (const optimizer of [sgd, adamw]) {
    const inputs = toUpdate(optimizer, ['kernel']).inputs.map(({ name }) => name);
    assert.equal(inputs.filter((name) => !name.startsWith('gradient/')).sort(), Object.keys(optimizerFeeds(optimizer, 0.1, 0)).sort());
  }
});

test('the powers of beta count from one step', () => {
  assert.equal(optimizerFeeds(adamw, 0.1, 0), { learningRate: 0.1, beta1Power: 0.9, beta2Power: 0.999 });
  assert.equal(optimizerFeeds(adamw, 0.2, 2), { learningRate: 0.2, beta1Power: 0.9 ** 3, beta2Power: 0.999 ** 3 });
});

test('arguments out of range are refused with their value', () => {
  const cases: readonly [Optimizer, RegExp][] = [
    [{ ...sgd, momentum: 1 }, /momentum is 1, but must be at least 0 and below 1/],
    [{ ...sgd, momentum: -0.1 }, /momentum is -0.1/],
    [{ ...sgd, momentum: Number.NaN }, /momentum is NaN/],
    [{ ...sgd, weightDecay: -1 }, /weightDecay is -1, but must be 0 or more/],
    [{ ...sgd, weightDecay: Number.NaN }, /weightDecay is NaN/],
    [{ ...adamw, beta1: 1 }, /beta1 is 1/],
    [{ ...adamw, beta2: 1.5 }, /beta2 is 1.5/],
    [{ ...adamw, weightDecay: -0.5 }, /weightDecay is -0.5/],
  ];
  for (const [optimizer, sentence] of cases) {
    assert.throws(
      () => toUpdate(optimizer, ['kernel']),
      (error: unknown) => error instanceof UsageError && sentence.test(error.message),
      `${sentence}`,
    );
  }
});

test.run();
