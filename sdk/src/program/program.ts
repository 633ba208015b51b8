import type { PrimitiveAttributes, PrimitiveKind, Value, VariableSpec } from '../ir/lowering.js';

/** Where an operation comes from: what liveness calls its result. */
export type Phase = 'forward' | 'backward' | 'update';

/** One primitive at work. `inputs` and `outputs` are value ids. */
export type Operation = {
  readonly [K in PrimitiveKind]: {
    readonly kind: K;
    readonly inputs: readonly number[];
    readonly outputs: readonly number[];
    readonly attributes: PrimitiveAttributes[K];
    readonly phase: Phase;
  };
}[PrimitiveKind];

export interface ProgramInput {
  readonly name: string;
  readonly value: number;
}

export interface ProgramVariable extends VariableSpec {
  /** Id of the value that the variable has when the program starts; undefined where it is only written. */
  readonly value: number | undefined;
}

/**
 * A flat list of primitives in static single assignment: every value is written once, before it is read. Variables are read as
 * they are when the program starts, and written by the operations `assign`, `applyMomentum` and `applyAdam`.
 */
export interface Program {
  readonly name: string;
  /** By id. -1 in a shape stands for the batch size. */
  readonly values: readonly Value[];
  readonly inputs: readonly ProgramInput[];
  readonly variables: readonly ProgramVariable[];
  readonly operations: readonly Operation[];
  readonly outputs: Readonly<Record<string, number>>;
}

/** Bytes of a value at a batch size. */
export function bytesOf(value: Value, batch: number): number {
  return value.shape.reduce((product, extent) => product * (extent < 0 ? batch : extent), 4);
}

/** `%7 [-1x32x32x16] = conv2d %0 %1`: a line an operation. */
export function printProgram(program: Program): string {
  const lines = program.operations.map(({ kind, inputs, outputs, phase }) => {
    const results = outputs.map((id) => `%${id} [${program.values[id]?.shape.join('x')}]`).join(', ');
    return `${phase.padEnd(8)} ${results}${results ? ' = ' : ''}${kind} ${inputs.map((id) => `%${id}`).join(' ')}`;
  });
  return [`program ${program.name}`, ...lines].join('\n');
}
