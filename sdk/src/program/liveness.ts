import type { VariableRole } from '../ir/lowering.js';
import { primitiveOf } from './primitives.js';
import { bytesOf, type Operation, type Phase, type Program } from './program.js';

/** Memory of one run of a program at a batch size, in bytes. The parts add up to `peakBytes`. */
export interface Liveness {
  readonly peakBytes: number;
  /** Variables that the network reads: kernels, biases, batch norm with its moving averages. */
  readonly weightBytes: number;
  /** The optimizer's slots, and the masks that it keeps to. */
  readonly optimizerBytes: number;
  /** At the peak: results of the forward part, inputs included, that are still needed. */
  readonly activationBytes: number;
  /** At the peak: results of the backward and update part that are still needed. */
  readonly gradientBytes: number;
  /** Index of the operation at which the peak is reached. */
  readonly peakOperation: number;
}

/**
 * Counts what is alive at each operation, in program order: a value lives from the operation that writes it to the last that reads it;
 * a result takes over its operand's memory where the primitive works in place and nobody else reads the operand.
 */
export function measureLiveness(program: Program, batch: number): Liveness {
  const variables = { weightBytes: 0, optimizerBytes: 0 };
  for (const { shape, role } of program.variables) {
    variables[partOf(role)] += bytesOf({ id: -1, shape, dtype: 'float32' }, batch);
  }
  const changes: { phase: Phase; bytes: number }[][] = Array.from({ length: program.operations.length + 2 }, () => []);
  for (const { phase, bytes, start, end } of findBuffers(program, batch)) {
    changes[start]?.push({ phase, bytes });
    changes[end + 1]?.push({ phase, bytes: -bytes });
  }
  const live: Record<Phase, number> = { forward: 0, backward: 0, update: 0 };
  let peak = { bytes: 0, operation: 0, activationBytes: 0, gradientBytes: 0 };
  changes.forEach((list, operation) => {
    for (const { phase, bytes } of list) live[phase] += bytes;
    const gradientBytes = live.backward + live.update;
    const bytes = live.forward + gradientBytes;
    if (bytes > peak.bytes) peak = { bytes, operation, activationBytes: live.forward, gradientBytes };
  });
  return {
    peakBytes: peak.bytes + variables.weightBytes + variables.optimizerBytes,
    ...variables,
    activationBytes: peak.activationBytes,
    gradientBytes: peak.gradientBytes,
    peakOperation: peak.operation,
  };
}

interface Buffer {
  readonly bytes: number;
  readonly phase: Phase;
  readonly start: number;
  end: number;
}

// A buffer is memory that one value after the other may use. Variables have their own and are left out.
function findBuffers(program: Program, batch: number): readonly Buffer[] {
  const lastRead = findLastReads(program);
  const bufferOf = new Map<number, Buffer>();
  const buffers: Buffer[] = [];
  const open = (id: number, start: number, phase: Phase): void => {
    const value = program.values[id];
    if (!value) return;
    const buffer = { bytes: bytesOf(value, batch), phase, start, end: lastRead.get(id) ?? start };
    buffers.push(buffer);
    bufferOf.set(id, buffer);
  };

  for (const { value } of program.inputs) open(value, 0, 'forward');
  program.operations.forEach((operation, index) => {
    operation.outputs.forEach((id, position) => {
      const taken = position === 0 ? takenOver(operation, index, bufferOf, program, batch) : undefined;
      if (taken) {
        taken.end = Math.max(taken.end, lastRead.get(id) ?? index);
        bufferOf.set(id, taken);
      } else {
        open(id, index, operation.phase);
      }
    });
  });
  return buffers;
}

function findLastReads(program: Program): ReadonlyMap<number, number> {
  const lastRead = new Map<number, number>();
  program.operations.forEach(({ inputs }, index) => {
    for (const id of inputs) lastRead.set(id, index);
  });
  for (const id of Object.values(program.outputs)) lastRead.set(id, program.operations.length); // by the caller
  return lastRead;
}

function takenOver(
  { kind, inputs, outputs }: Operation,
  index: number,
  bufferOf: ReadonlyMap<number, Buffer>,
  program: Program,
  batch: number,
): Buffer | undefined {
  const { isView, inPlace = [] } = primitiveOf(kind);
  if (isView) return bufferOf.get(inputs[0] ?? -1);
  const output = program.values[outputs[0] ?? -1];
  if (!output) return undefined;
  return inPlace
    .map((position) => bufferOf.get(inputs[position] ?? -1))
    .find((buffer) => buffer && buffer.end === index && buffer.bytes === bytesOf(output, batch));
}

function partOf(role: VariableRole): 'weightBytes' | 'optimizerBytes' {
  return role === 'slot' || role === 'mask' ? 'optimizerBytes' : 'weightBytes';
}
