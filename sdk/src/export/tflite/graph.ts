import { ExportError } from '../../core/errors.js';
import type { WriteOptions } from '../format.js';
import { maxFloat16, toFloat16 } from './float16.js';
import { fileIdentifier, type OperatorName, operators, schemaVersion, type TensorType, tensorTypes } from './schema.js';
import { isMostlyZero, toSparse } from './sparsity.js';
import { encodeTable, type Table } from './table.js';

/** A model that grows operator by operator; its values are tensors, by index. Shapes have the batch first. */
export interface Graph {
  /** A value that an operator computes, or an image. */
  value(name: string, shape: readonly number[]): number;
  floats(name: string, shape: readonly number[], values: Float32Array): number;
  /** A kernel, stored as the options say: with what is left of it, in two bytes a weight. The result is a float32 tensor. */
  kernel(name: string, shape: readonly number[], values: Float32Array): number;
  ints(name: string, values: readonly number[], shape?: readonly number[]): number;
  operator(name: OperatorName, inputs: readonly number[], outputs: readonly number[], options?: Table): void;
  /** The file. `metadata` is text by name. */
  finish(description: string, images: number, logits: number, metadata: ReadonlyMap<string, string>): Uint8Array;
}

// A file points with 31 bits; what is not weights takes far less than the rest.
const maxWeightBytes = 2 ** 31 - 2 ** 24;

interface TensorFields {
  readonly name: string;
  readonly shape: readonly number[];
  readonly type: TensorType;
  /** Number of the buffer with its values; 0 where they are computed. */
  readonly buffer?: number;
  readonly sparsity?: Table;
  /** The shape, with -1 for what readers may change. */
  readonly signature?: readonly number[];
}

export function createGraph({ float16, sparse }: Pick<WriteOptions, 'float16' | 'sparse'>): Graph {
  const buffers: Table[] = [[]]; // the first one stays empty
  const tensors: Table[] = [];
  const nodes: Table[] = [];
  const codes: OperatorName[] = [];
  let bytes = 0;

  const store = (data: Uint8Array): number => {
    bytes += data.length;
    if (bytes > maxWeightBytes)
      throw new ExportError(`The weights take more than ${maxWeightBytes} bytes, the most that a tflite file holds.`);
    return buffers.push([{ data }]) - 1;
  };
  const tensor = ({ name, shape, type, buffer = 0, sparsity, signature }: TensorFields): number => {
    const list = signature && ({ ints: signature } as const);
    const parameters = sparsity && ({ table: sparsity } as const);
    const fields: Table = [{ ints: shape }, { byte: tensorTypes[type] }, { int: buffer }, name, undefined, undefined];
    return tensors.push([...fields, parameters, list, { byte: 1 }]) - 1;
  };

  const graph: Graph = {
    value: (name, shape) => tensor({ name, shape, type: 'float32', signature: [-1, ...shape.slice(1)] }), // readers may resize the batch
    floats: (name, shape, values) => tensor({ name, shape, type: 'float32', buffer: store(bytesOf(values)) }),
    ints: (name, values, shape = [values.length]) =>
      tensor({ name, shape, type: 'int32', buffer: store(bytesOf(Int32Array.from(values))) }),
    kernel(name, shape, values) {
      const type = float16 ? 'float16' : 'float32';
      const stored = (kept: Float32Array): number => store(bytesOf(float16 ? toFloat16(checkRange(name, kept)) : kept));
      let index: number;
      if (sparse && isMostlyZero(values)) {
        const left = toSparse(shape, values);
        const packed = tensor({ name: `${name}/sparse`, shape, type, buffer: stored(left.values), sparsity: left.parameters });
        index = convert('DENSIFY', packed, name, shape, type);
      } else index = tensor({ name, shape, type, buffer: stored(values) });
      return float16 ? convert('DEQUANTIZE', index, `${name}/float32`, shape, 'float32') : index;
    },
    operator(name, inputs, outputs, options = []) {
      if (!codes.includes(name)) codes.push(name);
      const { options: type } = operators[name];
      const table = type === 0 ? [] : ([{ byte: type }, { table: options }] as const);
      nodes.push([{ int: codes.indexOf(name) }, { ints: inputs }, { ints: outputs }, ...table]);
    },
    finish(description, images, logits, metadata) {
      const entries = [...metadata].map(([name, text]): Table => [name, { int: store(new TextEncoder().encode(text)) }]);
      const subgraph: Table = [{ tables: tensors }, { ints: [images] }, { ints: [logits] }, { tables: nodes }, 'main'];
      const named = (name: string, index: number) => ({ tables: [[name, { int: index }]] });
      const signature: Table = [named('images', images), named('logits', logits), 'serving_default', undefined, { int: 0 }];
      const model: Table = [
        { int: schemaVersion },
        { tables: codes.map(operatorCode) },
        { tables: [subgraph] },
        description,
        { tables: buffers },
        undefined,
        { tables: entries },
        { tables: [signature] },
      ];
      return encodeTable(model, fileIdentifier, bytes + 512 * (tensors.length + nodes.length + 2));
    },
  };
  return graph;

  /** A constant in another form, which readers compute once. */
  function convert(operator: OperatorName, from: number, name: string, shape: readonly number[], type: TensorType): number {
    const to = tensor({ name, shape, type });
    graph.operator(operator, [from], [to]);
    return to;
  }
}

/** OperatorCode: old readers look at the first field, new ones at the last. */
function operatorCode(name: OperatorName): Table {
  const { code, version } = operators[name];
  return [{ byte: code }, undefined, { int: version }, { int: code }];
}

function bytesOf(values: Float32Array | Uint16Array | Int32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

function checkRange(name: string, values: Float32Array): Float32Array {
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  if (largest <= maxFloat16) return values;
  throw new ExportError(`"${name}" has a weight of ${largest}, but float16 ends at ${maxFloat16}. Export it without float16.`);
}
