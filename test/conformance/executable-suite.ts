import type { Backend, Executable } from '@precrop/sdk/backends/backend';
import { PreCropError, UsageError } from '@precrop/sdk/core/errors';
import { createProgramBuilder } from '@precrop/sdk/program/builder';
import type { Program } from '@precrop/sdk/program/program';
import type { Test } from 'uvu';
import * as assert from 'uvu/assert';

/** Registers tests of the executable's own promises: variables, sharing, feeds, disposal. */
export function registerExecutableTests(test: Test, backend: Backend): void {
  const start = async (...programs: readonly Program[]): Promise<Executable> => {
    const executable = await backend.compile(programs);
    await executable.writeVariables(new Map([['w', Float32Array.of(1, 2, 3)]]));
    return executable;
  };

  test(`${backend.name}: answers a probe as usable, with device and version`, async () => {
    const probe = await backend.probe();
    assert.ok(probe.status === 'ready' || probe.status === 'limited', probe.reason);
    assert.ok('device' in probe && probe.device.length > 0 && probe.version.length > 0);
  });

  test(`${backend.name}: variables come back as they were written, and as copies`, async () => {
    const executable = await start(toScaling('times'));
    const values = Float32Array.of(0.1, -2.5e-30, 3e30);
    await executable.writeVariables(new Map([['w', values]]));
    const expected = [...values];
    values.fill(7);
    const read = await executable.readVariables();
    assert.equal([...read.keys()], ['w']);
    assert.equal([...(read.get('w') ?? [])], expected);
    read.get('w')?.fill(8);
    assert.equal([...((await executable.readVariables()).get('w') ?? [])], expected);
    executable.dispose();
  });

  test(`${backend.name}: two programs share a variable by its name`, async () => {
    const executable = await start(toScaling('times'), toIncrement('increment'));
    await executable.run('increment', { by: 10 });
    const { y } = await executable.run('times', { x: Float32Array.of(1, 1, 1, 2, 2, 2) });
    assert.equal([...(y ?? [])], [11, 12, 13, 22, 24, 26]);
    executable.dispose();
  });

  test(`${backend.name}: two executables do not share variables`, async () => {
    const [one, other] = [await start(toIncrement('increment')), await start(toIncrement('increment'))];
    await one.run('increment', { by: 1 });
    assert.equal([...((await other.readVariables()).get('w') ?? [])], [1, 2, 3]);
    one.dispose();
    await other.run('increment', { by: 1 });
    assert.equal([...((await other.readVariables()).get('w') ?? [])], [2, 3, 4]);
    other.dispose();
  });

  test(`${backend.name}: the batch may change from run to run`, async () => {
    const executable = await start(toScaling('times'));
    for (const batch of [1, 5, 2]) {
      const { y } = await executable.run('times', { x: new Float32Array(3 * batch).fill(1) });
      assert.is(y?.length, 3 * batch);
    }
    executable.dispose();
  });

  test(`${backend.name}: an output may be an input, a variable, or asked for alone`, async () => {
    const builder = createProgramBuilder('through', 'infer');
    const x = builder.input('x', [-1, 3]);
    const w = builder.variable({ name: 'w', shape: [3], role: 'kernel', initializer: { kind: 'zeros' } });
    const y = builder.emit('relu', [builder.emit('sub', [x, x], {})], {});
    const executable = await start(builder.finish({ x, w, y }));
    const outputs = await executable.run('through', { x: Float32Array.of(4, 5, 6) });
    assert.equal(Object.keys(outputs).sort(), ['w', 'x', 'y']);
    assert.equal([...(outputs['x'] ?? [])], [4, 5, 6]);
    assert.equal([...(outputs['w'] ?? [])], [1, 2, 3]);
    assert.equal(Object.keys(await executable.run('through', { x: Float32Array.of(4, 5, 6) }, ['y'])), ['y']);
    executable.dispose();
  });

  test(`${backend.name}: mistakes are answered in sentences`, async () => {
    const executable = await start(toScaling('times'));
    const x = Float32Array.of(1, 2, 3);
    const fails = async (work: Promise<unknown>, pattern: RegExp): Promise<void> => {
      const error = await work.then(
        () => undefined,
        (reason: unknown) => reason,
      );
      assert.instance(error, UsageError, `no UsageError for ${pattern}: ${error}`);
      assert.match((error as Error).message, pattern);
    };
    await fails(executable.run('times', {}), /needs a value for its input "x"/);
    await fails(executable.run('times', { x: Float32Array.of(1, 2) }), /has 2 values/);
    await fails(executable.run('times', { x, extra: 1 }), /no input "extra"/);
    await fails(executable.run('times', { x }, ['z']), /no output "z"/);
    await fails(executable.run('divide', { x }), /no program "divide"/);
    await fails(executable.writeVariables(new Map([['v', x]])), /no variable "v"/);
    await fails(executable.writeVariables(new Map([['w', Float32Array.of(1)]])), /"w"/);
    const { y } = await executable.run('times', { x });
    assert.equal([...(y ?? [])], [1, 4, 9], 'a mistake leaves the executable usable');
    executable.dispose();
  });

  test(`${backend.name}: a variable without a value is refused`, async () => {
    const executable = await backend.compile([toScaling('times')]);
    let refused = false;
    await executable.run('times', { x: Float32Array.of(1, 2, 3) }).catch(() => {
      refused = true;
    });
    assert.ok(refused);
    executable.dispose();
  });

  test(`${backend.name}: after dispose nothing runs, and dispose may be repeated`, async () => {
    const executable = await start(toScaling('times'));
    executable.dispose();
    executable.dispose();
    const error = await executable.run('times', { x: Float32Array.of(1, 2, 3) }).catch((reason: unknown) => reason);
    assert.instance(error, PreCropError);
    assert.match((error as Error).message, /disposed/);
  });
}

// y = x · w.
function toScaling(name: string): Program {
  const builder = createProgramBuilder(name, 'infer');
  const x = builder.input('x', [-1, 3]);
  const w = builder.variable({ name: 'w', shape: [3], role: 'kernel', initializer: { kind: 'zeros' } });
  return builder.finish({ y: builder.emit('mul', [x, w], {}) });
}

// w += by.
function toIncrement(name: string): Program {
  const builder = createProgramBuilder(name, 'train');
  const by = builder.input('by', []);
  const w = builder.variable({ name: 'w', shape: [3], role: 'kernel', initializer: { kind: 'zeros' } });
  builder.emitAll('assign', [builder.emit('add', [w, by], {})], { variable: 'w' });
  return builder.finish({});
}
