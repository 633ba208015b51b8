import { clone, keep, type NamedTensorMap, type Tensor, tensor, tidy } from '@tensorflow/tfjs-core';
import { UsageError } from '../../core/errors.js';
import type { Program } from '../../program/program.js';
import type { Feeds } from '../backend.js';
import type { TfjsDevice } from './device.js';
import type { KernelInput } from './kernel.js';
import { withBatch } from './kernel.js';
import { kernelOf } from './kernels.js';
import type { Step } from './schedule.js';

/** What a run gives: tensors that its caller frees. */
export interface RunResult {
  /** By output name. */
  readonly outputs: NamedTensorMap;
  /** New values of the variables that were updated. */
  readonly written: ReadonlyMap<string, Tensor>;
}

/** Runs the steps on the device, which tfjs must be computing on. Values are freed after their last use; variables are left as they are. */
export function execute(
  device: TfjsDevice,
  program: Program,
  steps: readonly Step[],
  feeds: Feeds,
  batch: number,
  outputs: readonly string[],
  variables: ReadonlyMap<string, Tensor>,
): RunResult {
  const written = new Map<string, Tensor>();
  const readVariable = (name: string): Tensor => {
    const value = written.get(name) ?? variables.get(name);
    if (!value) throw new UsageError(`Variable "${name}" has no value yet. Give it one with writeVariables before the first run.`);
    return value;
  };
  const writeVariable = (name: string, value: Tensor): void => {
    written.get(name)?.dispose();
    written.set(name, keep(value));
  };

  const computeOutputs = (): NamedTensorMap => {
    const read = program.variables.flatMap(({ name, value }) => (value === undefined ? [] : [[value, readVariable(name)] as const]));
    const values = new Map<number, Tensor>([...read, ...createInputs(program, feeds, batch)]);
    const borrowed = new Set(read.map(([id]) => id));
    const valueAt = (id: number): Tensor => values.get(id) as Tensor;
    for (const { operation, dead } of steps) {
      const at = {
        inputs: operation.inputs.map(valueAt),
        attributes: operation.attributes,
        batch,
        variables: { read: readVariable, write: writeVariable },
      };
      const results = tidy(() => [...kernelOf(operation.kind, device)(at as unknown as KernelInput<never>)]);
      operation.outputs.forEach((id, index) => {
        values.set(id, results[index] as Tensor);
      });
      for (const id of dead) if (!borrowed.has(id)) valueAt(id).dispose();
    }
    return Object.fromEntries(outputs.map((name) => [name, clone(valueAt(program.outputs[name] as number))]));
  };

  try {
    return { outputs: tidy(computeOutputs), written };
  } catch (error) {
    for (const value of written.values()) value.dispose();
    throw error;
  }
}

function createInputs(program: Program, feeds: Feeds, batch: number): readonly (readonly [number, Tensor])[] {
  return program.inputs.map(({ name, value }) => {
    const { shape = [], dtype = 'float32' } = program.values[value] ?? {};
    const feed = feeds[name] ?? 0;
    return [value, tensor(typeof feed === 'number' ? [feed] : feed, withBatch(shape, batch), dtype)];
  });
}
