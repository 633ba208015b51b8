import { dispose, type NamedTensorMap, type Tensor, tensor, tidy } from '@tensorflow/tfjs-core';
import { BackendError, UsageError } from '../../core/errors.js';
import type { Program } from '../../program/program.js';
import { collectVariables } from '../../program/variables.js';
import type { Backend, Executable, Weights } from '../backend.js';
import { checkFeeds } from '../check-feeds.js';
import { loadTfjsDevice, onDevice, probeDevice, type TfjsDevice } from './device.js';
import { execute } from './execute.js';
import { holdProcess } from './hold-process.js';
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
      await loadTfjsDevice(device);
      return createExecutable(programs, device);
    },
  };
}

function createExecutable(programs: readonly Program[], device: TfjsDevice): Executable {
  const byName = new Map(programs.map((program) => [program.name, program]));
  const shapes = new Map(collectVariables(programs).map(({ name, shape }) => [name, shape]));
  const schedules = new Map<string, readonly Step[]>();
  const variables = new Map<string, Tensor>();
  let disposed = false;

  const enter = <T>(work: () => T): Promise<T> =>
    onDevice(device, () => {
      if (disposed) throw new BackendError('This executable was disposed. Compile the programs again.');
      return work();
    });
  const replace = (values: Iterable<readonly [string, Tensor]>): void => {
    for (const [name, value] of values) {
      variables.get(name)?.dispose();
      variables.set(name, value);
    }
  };
  const readVariable = (name: string): Tensor => {
    const value = variables.get(name);
    if (!value) throw new UsageError(`Variable "${name}" has no value yet. Give it one with writeVariables.`);
    return value;
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
      const asked = outputs ?? known;
      const results = await enter(() => {
        const { outputs: computed, written } = execute(device, program, scheduleOf(program, asked), feeds, batch, asked, variables);
        replace(written);
        return computed;
      });
      try {
        return Object.fromEntries(await downloadAll(results));
      } finally {
        dispose(results);
      }
    },
    async readVariables() {
      // Clones, for a step may replace the variables before all have arrived.
      const values = await enter(() =>
        tidy(() => Object.fromEntries([...shapes.keys()].map((name) => [name, readVariable(name).clone()]))),
      );
      try {
        return new Map(await downloadAll(values));
      } finally {
        dispose(values);
      }
    },
    async writeVariables(weights) {
      checkWeights(weights, shapes);
      await enter(() => replace([...weights].map(([name, values]) => [name, tensor(values.slice(), [...(shapes.get(name) ?? [])])])));
    },
    dispose() {
      for (const value of variables.values()) value.dispose();
      variables.clear();
      disposed = true;
    },
  };
}

// Copies: the cpu backend would give its own arrays away.
function downloadAll(values: NamedTensorMap): Promise<(readonly [string, Float32Array])[]> {
  const downloads = Object.entries(values).map(async ([name, value]) => [name, Float32Array.from(await value.data())] as const);
  return holdProcess(Promise.all(downloads));
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
