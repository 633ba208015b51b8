import type { LoweringBuilder, PrimitiveAttributes, PrimitiveKind, Value } from '../ir/lowering.js';

/** Shape and type of a value that is yet to be made. */
export interface ValueType {
  readonly shape: readonly number[];
  readonly dtype: 'float32' | 'int32';
}

export type Emit = LoweringBuilder['emit'];
export type EmitAll = LoweringBuilder['emitAll'];

/** An operation as its gradient sees it. */
export interface GradientInput<K extends PrimitiveKind> {
  readonly emit: Emit;
  readonly emitAll: EmitAll;
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  readonly attributes: PrimitiveAttributes[K];
  /** Gradient of each output; undefined where nothing depends on it. */
  readonly upstream: readonly (Value | undefined)[];
  /** Whether anybody wants the gradient of that input. */
  readonly wanted: readonly boolean[];
}

/** A primitive joins by answering these. Each backend has one row a primitive in a table of its own. */
export interface Primitive<K extends PrimitiveKind = PrimitiveKind> {
  readonly outputs: (inputs: readonly Value[], attributes: PrimitiveAttributes[K]) => readonly ValueType[];
  /** Gradients of the inputs, undefined where there is none. Absent where the primitive cannot be differentiated. */
  readonly gradient?: (at: GradientInput<K>) => readonly (Value | undefined)[];
  /** Inputs whose memory the first output may take over, where nobody else reads them. For liveness. */
  readonly inPlace?: readonly number[];
  /** Outputs that are views of the input: no memory of their own. For liveness. */
  readonly isView?: boolean;
}

export type PrimitiveTable<K extends PrimitiveKind> = { readonly [P in K]: Primitive<P> };

/** A float32 value of the first input's shape. */
export function likeFirst(inputs: readonly Value[]): readonly ValueType[] {
  return [{ shape: inputs[0]?.shape ?? [], dtype: 'float32' }];
}

/** A float32 value of that shape. */
export function float32(...shape: readonly number[]): ValueType {
  return { shape, dtype: 'float32' };
}

/** The value at an index that the operation's arity guarantees. */
export function at(values: readonly (Value | undefined)[], index: number): Value {
  const value = values[index];
  if (!value) throw new RangeError(`An operation has no value ${index}; it has ${values.length}.`);
  return value;
}
