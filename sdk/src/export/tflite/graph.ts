import { ExportError } from '../../core/errors.js';
import type { WriteOptions } from '../format.js';
import { maxFloat16, toFloat16 } from './float16.js';
import { fileIdentifier, type OperatorName, operators, schemaVersion, type TensorType, tensorTypes } from './schema.js';
import { countZeros, sparseShare, toSparse } from './sparsity.js';
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
  const tensor = (name: string, shape: readonly number[], type: TensorType, buffer: number, sparsity?: Table): number => {
    const isValue = buffer === 0 && shape.length > 0;
    const signature = isValue ? { ints: [-1, ...shape.slice(1)] } : undefined; // readers may resize the batch
    const parameters = sparsity && ({ table: sparsity } as const);
    const fields: Table = [{ ints: shape }, { byte: tensorTypes[type] }, { int: buffer }, name];
    return tensors.push([...fields, undefined, undefined, parameters, signature, { byte: 1 }]) - 1;
  };
  const constant = (name: string, shape: readonly number[], type: TensorType, data: Float32Array | Uint16Array | Int32Array): number =>
    tensor(name, shape, type, store(bytesOf(data)));

  const graph: Graph = {
    value: (name, shape) => tensor(name, shape, 'float32', 0),
    floats: (name, shape, values) => constant(name, shape, 'float32', values),
    ints: (name, values, shape = [values.length]) => constant(name, shape, 'int32', Int32Array.from(values)),
    kernel(name, shape, values) {
      const type = float16 ? 'float16' : 'float32';
      const stored = (kept: Float32Array) => (float16 ? toFloat16(checkRange(name, kept)) : kept);
      let index: number;
      if (sparse && countZeros(values) >= sparseShare * values.length) {
        const left = toSparse(shape, values);
        const packed = tensor(`${name}/sparse`, shape, type, store(bytesOf(stored(left.values))), left.parameters);
        index = convert('DENSIFY', packed, name, shape, type);
      } else index = constant(name, shape, type, stored(values));
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
    const fields: Table = [{ ints: shape }, { byte: tensorTypes[type] }, { int: 0 }, name];
    const to = tensors.push([...fields, undefined, undefined, undefined, undefined, { byte: 1 }]) - 1;
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
