import { createProgramBuilder } from '@precrop/sdk/program/builder';
import { bytesOf, printProgram } from '@precrop/sdk/program/program';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

test('a program prints one line an operation, with phases, shapes and ids', () => {
  const builder = createProgramBuilder('small', 'train');
  const x = builder.input('x', [-1, 4]);
  const w = builder.variable({ name: 'w', shape: [4, 2], role: 'kernel', initializer: { kind: 'zeros' } });
  const y = builder.emit('matmul', [x, w], { transposeA: false, transposeB: false });
  builder.enter('update');
  builder.emitAll('assign', [w], { variable: 'w' });
  assert.is(printProgram(builder.finish({ y })), ['program small', 'forward  %2 [-1x2] = matmul %0 %1', 'update   assign %1'].join('\n'));
});

test('bytes of a value follow the batch', () => {
  const builder = createProgramBuilder('p', 'infer');
  assert.is(bytesOf(builder.input('image', [-1, 32, 32, 3]), 8), 8 * 32 * 32 * 3 * 4);
  assert.is(bytesOf(builder.input('weight', [3, 3, 16, 16]), 8), 3 * 3 * 16 * 16 * 4);
  assert.is(bytesOf(builder.input('scalar', []), 8), 4);
});

test('every value is written once, before it is read', () => {
  const builder = createProgramBuilder('p', 'infer');
  const x = builder.input('x', [2]);
  const y = builder.emit('relu', [builder.emit('add', [x, x], {})], {});
  const program = builder.finish({ y });
  const known = new Set(program.inputs.map(({ value }) => value));
  for (const { inputs, outputs } of program.operations) {
    assert.ok(inputs.every((id) => known.has(id)));
    for (const id of outputs) {
      assert.not.ok(known.has(id));
      known.add(id);
    }
  }
  assert.is(known.size, program.values.length);
});

test('a variable is declared once, whoever asks for it', () => {
  const builder = createProgramBuilder('p', 'train');
  const spec = { name: 'w', shape: [2], role: 'kernel', initializer: { kind: 'zeros' } } as const;
  assert.is(builder.variable(spec), builder.variable(spec));
  assert.is(builder.variables.length, 1);
});

test.run();
