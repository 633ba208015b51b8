import { dispose, type Tensor, tensor } from '@tensorflow/tfjs-core';
import { BackendError, UsageError } from '../../core/errors.js';
import type { Program } from '../../program/program.js';
import { collectVariables } from '../../program/variables.js';
import type { Backend, Executable, Weights } from '../backend.js';
import { checkFeeds } from '../check-feeds.js';
import { enterDevice, probeDevice, type TfjsDevice } from './device.js';
import { execute } from './execute.js';
import { type Step, toSchedule } from './schedule.js';

/**
 * Interprets programs with tfjs kernels, one operation after the other. Needs no native library; use `tensorflow-graph` where
 * there is one. On `cpu`, `run` blocks the thread while it computes.
 */
export function createTfjsEagerBackend({ device }: { readonly device: TfjsDevice }): Backend {
  return {
    name: `tfjs-eager/${device}`,
    probe: () => probeDevice(device),
    async compile(programs) {
      const probe = await probeDevice(device);
      if ('device' in probe) return createExecutable(programs, device);
      throw new BackendError(`The backend tfjs-eager/${device} is ${probe.status} on this machine: ${probe.reason}.`);
    },
  };
}

function createExecutable(programs: readonly Program[], device: TfjsDevice): Executable {
  const byName = new Map(programs.map((program) => [program.name, program]));
  const shapes = new Map(collectVariables(programs).map(({ name, shape }) => [name, shape]));
  const schedules = new Map<string, readonly Step[]>();
  const variables = new Map<string, Tensor>();
  let disposed = false;

  const enter = async (): Promise<void> => {
    await enterDevice(device);
    if (disposed) throw new BackendError('This executable was disposed. Compile the programs again.');
  };
  const replace = (values: Iterable<readonly [string, Tensor]>): void => {
    for (const [name, value] of values) {
      variables.get(name)?.dispose();
      variables.set(name, value);
    }
  };
  const scheduleOf = (program: Program, outputs: readonly string[]): readonly Step[] => {
    const key = JSON.stringify([program.name, ...outputs]);
    const known = schedules.get(key);
    if (known) return known;
    const schedule = toSchedule(
      program,
      outputs.map((name) => program.outputs[name] as number),
    );
    schedules.set(key, schedule);
    return schedule;
  };

  return {
    async run(name, feeds, outputs) {
      const program = byName.get(name);
      if (!program) throw new UsageError(`There is no program "${name}" here. There are: ${[...byName.keys()].join(', ')}.`);
      const known = Object.keys(program.outputs);
      const unknown = outputs?.find((output) => !known.includes(output));
      if (unknown !== undefined)
        throw new UsageError(`Program "${name}" has no output "${unknown}". Its outputs are: ${known.join(', ')}.`);
      const batch = checkFeeds(program, feeds);
      await enter();
      const asked = outputs ?? known;
      const result = execute(program, scheduleOf(program, asked), feeds, batch, asked, variables);
      replace(result.written);
      const values = await Promise.all(Object.entries(result.outputs).map(async ([key, value]) => [key, await download(value)] as const));
      dispose(result.outputs);
      return Object.fromEntries(values);
    },
    async readVariables() {
      await enter();
      const values = [...shapes.keys()].map(async (name) => {
        const value = variables.get(name);
        if (!value) throw new UsageError(`Variable "${name}" has no value yet. Give it one with writeVariables.`);
        return [name, await download(value)] as const;
      });
      return new Map(await Promise.all(values));
    },
    async writeVariables(weights) {
      checkWeights(weights, shapes);
      await enter();
      replace([...weights].map(([name, values]) => [name, tensor(values.slice(), [...(shapes.get(name) ?? [])])]));
    },
    dispose() {
      for (const value of variables.values()) value.dispose();
      variables.clear();
      disposed = true;
    },
  };
}

// A copy: the cpu backend would give its own array away.
async function download(value: Tensor): Promise<Float32Array> {
  return Float32Array.from(await value.data());
}

function checkWeights(weights: Weights, shapes: ReadonlyMap<string, readonly number[]>): void {
  for (const [name, values] of weights) {
    const shape = shapes.get(name);
    if (!shape) throw new UsageError(`There is no variable "${name}" in these programs.`);
    if (values.length !== shape.reduce((size, extent) => size * extent, 1)) {
      throw new UsageError(`Variable "${name}" is [${shape.join('x')}], but ${values.length} values came for it.`);
    }
  }
}
