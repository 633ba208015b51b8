import type { Table, Value } from './table.js';

/** What is left of a tensor that is mostly zero. */
export interface SparseTensor {
  readonly values: Float32Array;
  /** SparsityParameters */
  readonly parameters: Table;
}

/**
 * XNNPACK takes its sparse kernels where at least 2/3 of the weights are zero, `xnn_subgraph_rewrite_for_nchw` in XNNPACK's subgraph.c; fewer zeros
 * would not make a file much smaller either.
 */
export const sparseShare: number = 2 / 3;

/** Whether a kernel is stored as what is left of it. One of nothing but zeros is not: readers do not take empty buffers for constants. */
export function isMostlyZero(values: Float32Array): boolean {
  const zeros = countZeros(values);
  return zeros >= sparseShare * values.length && zeros < values.length;
}

export function countZeros(values: Float32Array): number {
  let zeros = 0;
  for (const value of values) if (value === 0) zeros++;
  return zeros;
}

/**
 * A tensor as compressed sparse rows along its last axis, as TensorFlow's converter writes kernels [out, kh, kw, in]: every other axis is
 * dense, and the order is the tensor's own.
 */
export function toSparse(shape: readonly number[], values: Float32Array): SparseTensor {
  const columns = shape.at(-1) ?? 1;
  const kept = new Float32Array(values.length - countZeros(values));
  const indices: number[] = [];
  const segments = [0];
  for (let index = 0; index < values.length; index++) {
    const value = values[index] ?? 0;
    if (value !== 0) {
      kept[indices.length] = value;
      indices.push(index % columns);
    }
    if ((index + 1) % columns === 0) segments.push(indices.length);
  }
  const dense = shape.slice(0, -1).map((extent): Table => [{ byte: 0 }, { int: extent }]);
  const sparse: Table = [{ byte: 1 }, { int: 0 }, ...indexVector(segments), ...indexVector(indices)];
  return { values: kept, parameters: [{ ints: shape.map((_, axis) => axis) }, undefined, { tables: [...dense, sparse] }] };
}

/** Type and value of a SparseIndexVector: the narrowest integers that hold the numbers. */
function indexVector(numbers: readonly number[]): readonly [Value, Value] {
  const largest = numbers.reduce((most, number) => Math.max(most, number), 0);
  if (largest < 2 ** 8) return [{ byte: 3 }, { table: [{ aligned: Uint8Array.from(numbers) }] }];
  if (largest < 2 ** 16) return [{ byte: 2 }, { table: [{ aligned: Uint16Array.from(numbers) }] }];
  return [{ byte: 1 }, { table: [{ ints: numbers }] }];
}
