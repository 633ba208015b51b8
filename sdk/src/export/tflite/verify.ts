import { ModelFileError } from '../../core/errors.js';
import { sizeOf } from '../../ir/node.js';
import { fileIdentifier, operators, schemaVersion, slots } from './schema.js';
import { broken, readRoot, type TableReader } from './table-reader.js';
import { verifyOptions, verifyPads } from './verify-operator.js';
import { verifySparsity } from './verify-sparsity.js';

/** Bytes of an element by number of its TensorType; of strings, resources and packed integers it is not fixed. */
const elementBytes: Readonly<Record<number, number>> = {
  0: 4,
  1: 2,
  2: 4,
  3: 1,
  4: 8,
  6: 1,
  7: 2,
  8: 8,
  9: 1,
  10: 8,
  11: 16,
  12: 8,
  15: 4,
  16: 2,
};
const highestTensorType = 24;
const highestRank = 8;
const maxTensorBytes = 2 ** 31 - 1;

const padCodes: ReadonlySet<number> = new Set([operators.PAD.code, operators.PADV2.code]);

/**
 * Reads through a tflite file as far as a runtime in native code does, which trusts it: every table, list and text lies in the file, every index
 * names something, constants are as long as their shapes, sparse ones can be unpacked, and each operator reads what was computed before it. Takes
 * no memory that grows with what the file claims.
 * @throws ModelFileError for a file that is not so, and for what no CNN has: several subgraphs, weights behind the tables.
 */
export function verifyTflite(bytes: Uint8Array): void {
  const identifier = String.fromCharCode(...bytes.subarray(4, 8));
  if (identifier !== fileIdentifier)
    throw new ModelFileError(`The file is no tflite file: it does not have "${fileIdentifier}" at its 5th byte.`);
  const model = readRoot(bytes);
  const version = model.uint(slots.model.version);
  if (version !== schemaVersion) throw broken(`it has version ${version} of the schema, and only ${schemaVersion} is known`);

  const buffers = Array.from(model.tables(slots.model.buffers), placeOf);
  const codes = Array.from(model.tables(slots.model.operatorCodes), codeOf);
  const [subgraph, second] = model.tables(slots.model.subgraphs);
  if (!subgraph || second) throw new ModelFileError('The tflite file has not one subgraph, as a CNN has. Only such files can be used.');
  const constants = Array.from(subgraph.tables(slots.subgraph.tensors), (tensor, index) => verifyTensor(tensor, index, buffers));
  verifyGraph(subgraph, constants, codes, ([start, length]) => bytes.subarray(start, start + length));
  for (const entry of model.tables(slots.model.metadata)) {
    entry.text(slots.metadata.name);
    checkIndex(entry.uint(slots.metadata.buffer), buffers.length, 'a buffer');
  }
  for (const buffer of model.numbers(slots.model.metadataBuffer, 4)) checkIndex(buffer, buffers.length, 'a buffer');
  for (const signature of model.tables(slots.model.signatureDefs)) verifySignature(signature, constants.length);
  model.text(slots.model.description);
}

/** Where a constant's bytes begin, and how many there are. */
type Place = readonly [number, number];

function placeOf(buffer: TableReader): Place {
  if (buffer.has(slots.buffer.offset) || buffer.has(slots.buffer.size)) {
    throw new ModelFileError('The tflite file keeps weights behind its tables. Convert it to one of less than 2 GiB.');
  }
  return buffer.span(slots.buffer.data, 1);
}

/** Number of a BuiltinOperator: old writers know the first field alone. */
function codeOf(code: TableReader): number {
  code.text(slots.operatorCode.customCode);
  return Math.max(code.byte(slots.operatorCode.deprecatedBuiltinCode), code.int(slots.operatorCode.builtinCode));
}

/** Where a constant's values are; undefined for what is computed. */
function verifyTensor(tensor: TableReader, index: number, buffers: readonly Place[]): Place | undefined {
  const rank = tensor.count(slots.tensor.shape, 4);
  const type = tensor.byte(slots.tensor.type);
  const name = `tensor ${index}`;
  if (rank > highestRank) throw broken(`${name} has ${rank} axes, more than ${highestRank}`);
  const shape = [...tensor.numbers(slots.tensor.shape, 4)];
  const negative = shape.find((extent) => extent < 0);
  if (negative !== undefined) throw broken(`${name} has an axis of ${negative}`);
  if (type > highestTensorType) throw broken(`${name} has the unknown type ${type}`);
  tensor.text(slots.tensor.name);
  for (const extent of tensor.numbers(slots.tensor.shapeSignature, 4)) {
    if (extent < -1) throw broken(`${name} has an axis of ${extent}`);
  }
  const size = sizeOf(shape) * (elementBytes[type] ?? 0);
  if (size > maxTensorBytes) throw broken(`${name} of ${shape.join('x')} takes ${size} bytes, more than ${maxTensorBytes}`);
  verifyQuantization(tensor.table(slots.tensor.quantization), name);

  const buffer = tensor.uint(slots.tensor.buffer);
  checkIndex(buffer, buffers.length, 'a buffer');
  const place = buffers[buffer] ?? [0, 0];
  const [, bytes] = place;
  const sparsity = tensor.table(slots.tensor.sparsity);
  if (sparsity) verifySparsity(sparsity, name, shape, bytes / (elementBytes[type] ?? 1));
  else if (bytes > 0 && type in elementBytes && bytes !== size) {
    throw broken(`${name} of ${shape.join('x')} takes ${size} bytes, but has ${bytes}`);
  }
  return bytes > 0 || (size === 0 && type in elementBytes) ? place : undefined;
}

function verifyQuantization(quantization: TableReader | undefined, name: string): void {
  if (!quantization) return;
  const { min, max, scale, zeroPoint, details } = slots.quantization;
  for (const slot of [min, max]) quantization.count(slot, 4);
  const scales = quantization.count(scale, 4);
  const zeros = quantization.count(zeroPoint, 8);
  if (zeros !== 0 && zeros !== scales) throw broken(`${name} has ${scales} scales and ${zeros} zero points`);
  quantization.table(details);
}

/** Operators stand in the order in which they run, so a cycle is one that reads what is not there yet. */
function verifyGraph(
  subgraph: TableReader,
  constants: readonly (Place | undefined)[],
  codes: readonly number[],
  read: (place: Place) => Uint8Array,
): void {
  const ready = constants.map((constant) => constant !== undefined);
  const take = (index: number, what: string): void => {
    checkIndex(index, ready.length, 'a tensor');
    if (!ready[index]) throw broken(`${what} reads tensor ${index} before it is computed`);
  };
  const give = (index: number, what: string): void => {
    checkIndex(index, ready.length, 'a tensor');
    if (ready[index]) throw broken(`${what} gives tensor ${index}, which has a value already`);
    ready[index] = true;
  };
  for (const input of subgraph.numbers(slots.subgraph.inputs, 4)) give(input, 'the input');
  let index = 0;
  for (const operator of subgraph.tables(slots.subgraph.operators)) {
    const name = `operator ${index++}`;
    const code = operator.uint(slots.operator.opcodeIndex);
    checkIndex(code, codes.length, 'an operator code');
    for (const input of operator.numbers(slots.operator.inputs, 4)) if (input !== -1) take(input, name); // -1: left out
    for (const output of operator.numbers(slots.operator.outputs, 4)) give(output, name);
    for (const tensor of operator.numbers(slots.operator.intermediates, 4)) checkIndex(tensor, ready.length, 'a tensor');
    verifyOptions(operator, name);
    if (padCodes.has(codes[code] ?? 0)) verifyPads(operator, name, (tensor) => read(constants[tensor] ?? [0, 0]));
    operator.count(slots.operator.customOptions, 1);
    operator.count(slots.operator.mutating, 1);
  }
  for (const output of subgraph.numbers(slots.subgraph.outputs, 4)) take(output, 'the output');
  subgraph.text(slots.subgraph.name);
}

function verifySignature(signature: TableReader, tensors: number): void {
  signature.text(slots.signature.key);
  checkIndex(signature.uint(slots.signature.subgraphIndex), 1, 'a subgraph');
  for (const slot of [slots.signature.inputs, slots.signature.outputs]) {
    for (const entry of signature.tables(slot)) {
      entry.text(slots.tensorMap.name);
      checkIndex(entry.uint(slots.tensorMap.tensorIndex), tensors, 'a tensor');
    }
  }
}

function checkIndex(index: number, count: number, what: string): void {
  if (index < 0 || index >= count) throw broken(`it names ${what} number ${index}, but has ${count}`);
}
