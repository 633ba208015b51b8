import { createArchitecture } from '@precrop/sdk/architectures/registry';
import { toSchedule } from '@precrop/sdk/backends/tfjs-eager/schedule';
import { createProgramBuilder } from '@precrop/sdk/program/builder';
import { toTrainingStep } from '@precrop/sdk/program/training-step';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const step = toTrainingStep(
  createArchitecture('shufflenet-v2-x0.5'),
  { kind: 'sgd', momentum: 0.9, nesterov: false, weightDecay: 1e-4 },
  { labelSmoothing: 0 },
);

test('a value is dead exactly once, at its last use, and an output never', () => {
  const outputs = Object.values(step.outputs);
  const steps = toSchedule(step, outputs);
  const dead = new Set<number>();
  for (const { operation, dead: now } of steps) {
    for (const id of operation.inputs) assert.not.ok(dead.has(id), `value ${id} is read after its death`);
    for (const id of now) {
      assert.not.ok(dead.has(id), `value ${id} dies twice`);
      assert.not.ok(outputs.includes(id), `output ${id} dies`);
      dead.add(id);
    }
  }
  const touched = new Set(steps.flatMap(({ operation }) => [...operation.inputs, ...operation.outputs]));
  for (const id of touched) assert.ok(dead.has(id) || outputs.includes(id), `value ${id} is never freed`);
});

test('updates always run, in the order of the program', () => {
  const updates = step.operations.filter(({ outputs }) => outputs.length === 0);
  const kept = toSchedule(step, []).map(({ operation }) => operation);
  assert.equal(
    kept.filter(({ outputs }) => outputs.length === 0),
    updates,
  );
  assert.equal(
    kept,
    step.operations.filter((operation) => kept.includes(operation)),
  );
});

test('what neither an output nor an update needs is left out', () => {
  const builder = createProgramBuilder('p', 'infer');
  const x = builder.input('x', [2]);
  const y = builder.emit('relu', [x], {});
  const z = builder.emit('scale', [y], { factor: 2 });
  const program = builder.finish({ y, z });
  const kinds = (outputs: readonly number[]): string[] => toSchedule(program, outputs).map(({ operation }) => operation.kind);
  assert.equal(kinds([y.id]), ['relu']);
  assert.equal(kinds([z.id]), ['relu', 'scale']);
  assert.equal(kinds([x.id]), []);
});

test.run();
