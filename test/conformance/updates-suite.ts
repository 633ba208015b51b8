import type { Backend } from '@precrop/sdk/backends/backend';
import type { VariableSpec } from '@precrop/sdk/ir/lowering';
import { createProgramBuilder } from '@precrop/sdk/program/builder';
import { type Optimizer, optimize, optimizerFeeds } from '@precrop/sdk/program/optimizer';
import type { Program, ProgramVariable } from '@precrop/sdk/program/program';
import type { Test } from 'uvu';
import * as assert from 'uvu/assert';
import { assertClose } from './compare.js';
import { decode, loadOptimizerCases } from './golden.js';

const tolerance = 1e-5;

/** Registers tests of what writes variables: assign, applyMomentum, applyAdam. */
export function registerUpdateTests(test: Test, backend: Backend): void {
  for (const golden of loadOptimizerCases()) {
    test(`${backend.name}: ${golden.name} over ${golden.gradients.length} steps`, async () => {
      const program = toUpdate(golden.optimizer, golden.shape);
      const executable = await backend.compile([program]);
      const slots = program.variables.filter(({ role }) => role === 'slot').map(({ name, shape }) => [name, zeros(shape)] as const);
      await executable.writeVariables(new Map([['w', decode(golden.initial)], ...slots]));
      for (const [step, gradient] of golden.gradients.entries()) {
        await executable.run('update', {
          gradient: decode(gradient),
          ...optimizerFeeds(golden.optimizer, golden.learningRates[step] ?? 0, step),
        });
        const after = (await executable.readVariables()).get('w') ?? [];
        assertClose(after, decode(golden.after[step] ?? ''), tolerance, `${golden.name}, step ${step},`);
      }
      executable.dispose();
    });
  }

  test(`${backend.name}: a program reads variables as they were when it started`, async () => {
    const builder = createProgramBuilder('exchange', 'train');
    const [a, b] = [builder.variable(variable('a', [2])), builder.variable(variable('b', [2]))];
    builder.emitAll('assign', [b], { variable: 'a' });
    builder.emitAll('assign', [a], { variable: 'b' });
    const executable = await backend.compile([builder.finish({ a, sum: builder.emit('add', [a, b], {}) })]);
    await executable.writeVariables(
      new Map([
        ['a', Float32Array.of(1, 2)],
        ['b', Float32Array.of(30, 40)],
      ]),
    );
    const outputs = await executable.run('exchange', {});
    assert.equal([...(outputs['a'] ?? [])], [1, 2]);
    assert.equal([...(outputs['sum'] ?? [])], [31, 42]);
    const after = await executable.readVariables();
    assert.equal([...(after.get('a') ?? [])], [30, 40]);
    assert.equal([...(after.get('b') ?? [])], [1, 2]);
    executable.dispose();
  });

  test(`${backend.name}: a value that is assigned may depend on the input, and updates run whichever outputs are asked for`, async () => {
    const builder = createProgramBuilder('move', 'train');
    const [x, w] = [builder.input('x', [-1, 2]), builder.variable(variable('w', [2]))];
    const mean = builder.emit('reduceMean', [x], { axes: [0] });
    builder.emitAll('assign', [builder.emit('add', [builder.emit('scale', [w], { factor: 0.5 }), mean], {})], { variable: 'w' });
    const executable = await backend.compile([builder.finish({ mean })]);
    await executable.writeVariables(new Map([['w', Float32Array.of(2, 4)]]));
    await executable.run('move', { x: Float32Array.of(1, 2, 3, 4) }, []);
    assert.equal([...((await executable.readVariables()).get('w') ?? [])], [3, 5]);
    await executable.run('move', { x: Float32Array.of(0, 1) });
    assert.equal([...((await executable.readVariables()).get('w') ?? [])], [1.5, 3.5]);
    executable.dispose();
  });
}

// Reads `gradient` from a feed and updates `w` by it.
function toUpdate(optimizer: Optimizer, shape: readonly number[]): Program {
  const builder = createProgramBuilder('update', 'train');
  const value = builder.variable(variable('w', shape));
  const gradient = builder.input('gradient', shape);
  optimize(builder, optimizer, [{ variable: builder.variables[0] as ProgramVariable, value, gradient }]);
  return builder.finish({});
}

function variable(name: string, shape: readonly number[]): VariableSpec {
  return { name, shape, role: 'kernel', initializer: { kind: 'zeros' } };
}

function zeros(shape: readonly number[]): Float32Array {
  return new Float32Array(shape.reduce((size, extent) => size * extent, 1));
}
