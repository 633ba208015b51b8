import type { Rng } from '@precrop/sdk/core/rng';
import { decodeModel, encodeModel, type ModelProto, type NodeProto, type TensorProto } from '@precrop/sdk/export/onnx/proto';

type Mutation = (bytes: Uint8Array, rng: Rng) => Uint8Array;

/** Ways to spoil an ONNX file. */
export const mutations: Readonly<Record<string, Mutation>> = {
  truncated: (bytes, rng) => bytes.slice(0, rng.integer(0, bytes.length - 1)),
  'with flipped bits': (bytes, rng) => change(bytes, rng, rng.integer(1, 8), (byte) => byte ^ (1 << rng.integer(0, 7))),
  'with random bytes': (bytes, rng) => change(bytes, rng, rng.integer(1, 4), () => rng.integer(0, 255)),
  'with large lengths': (bytes, rng) => change(bytes, rng, 1, () => 255),
  'with a part left out': (bytes, rng) => {
    const start = rng.integer(0, bytes.length - 1);
    return Uint8Array.from([...bytes.subarray(0, start), ...bytes.subarray(start + rng.integer(1, 40))]);
  },
  'with a part repeated': (bytes, rng) => {
    const start = rng.integer(0, bytes.length - 1);
    return Uint8Array.from([...bytes.subarray(0, start + rng.integer(1, 400)), ...bytes.subarray(start)]);
  },
  'with changed messages': mutateMessages,
};

const structures = new Map<Uint8Array, readonly number[]>();

/** Changes bytes where the structure is: weights may be any numbers, so most are left alone. */
function change(bytes: Uint8Array, rng: Rng, count: number, to: (byte: number) => number): Uint8Array {
  const changed = bytes.slice();
  const structure = structures.get(bytes) ?? findStructure(bytes);
  structures.set(bytes, structure);
  for (let index = 0; index < count; index++) {
    const place = structure[rng.integer(0, structure.length - 1)] as number;
    changed[place] = to(changed[place] as number);
  }
  return changed;
}

/** Places of bytes that stand near text, which weights do not. */
function findStructure(bytes: Uint8Array): readonly number[] {
  const isText = (byte = 0): boolean => (byte >= 97 && byte <= 122) || byte === 95 || byte === 46;
  return Array.from(bytes.keys()).filter(
    (place) =>
      [4, 5, 6, 7].every((offset) => isText(bytes[place + offset])) || [1, 2, 3, 4].every((offset) => isText(bytes[place - offset])),
  );
}

/** Well-formed files with odd content: a number of some message is another. */
function mutateMessages(bytes: Uint8Array, rng: Rng): Uint8Array {
  const odd = [-1, 0, 1, 2, 3, 5, 255, 65_536, 2 ** 31, 2 ** 40, -(2 ** 40), 2 ** 53];
  const pick = <T>(values: readonly T[]): T => values[rng.integer(0, values.length - 1)] as T;
  const some = <T>(values: readonly T[], mutate: (value: T) => T): T[] => {
    const place = rng.integer(0, Math.max(values.length - 1, 0));
    return values.map((value, index) => (index === place ? mutate(value) : value));
  };
  const model = decodeModel(bytes);
  const { graph } = model;
  const nodes: readonly NodeProto[] = graph?.node ?? [];
  const tensors: readonly TensorProto[] = graph?.initializer ?? [];
  const names = [...nodes.flatMap(({ output = [] }) => output), ...tensors.map(({ name = '' }) => name), '', 'nowhere'];
  const changes: readonly (() => Partial<NonNullable<ModelProto['graph']>>)[] = [
    () => ({ initializer: some(tensors, (tensor) => ({ ...tensor, dims: some(tensor.dims ?? [], () => pick(odd)) })) }),
    () => ({ initializer: some(tensors, (tensor) => ({ ...tensor, dataType: pick(odd.slice(0, 7)) })) }),
    () => ({ initializer: tensors.filter(() => rng.uniform() > 0.02) }),
    () => ({ node: some(nodes, (one) => ({ ...one, input: some(one.input ?? [], () => pick(names)) })) }),
    () => ({ node: some(nodes, (one) => ({ ...one, opType: pick(nodes).opType ?? '' })) }),
    () => ({
      node: some(nodes, (one) => ({
        ...one,
        attribute: some(one.attribute ?? [], (entry) => ({ ...entry, i: pick(odd), ints: some(entry.ints ?? [], () => pick(odd)) })),
      })),
    }),
    () => ({ node: some(nodes, (one) => ({ ...one, attribute: pick(nodes).attribute ?? [] })) }),
    () => ({ node: nodes.filter(() => rng.uniform() > 0.05) }),
    () => ({ node: some(nodes, () => pick(nodes)) }),
  ];
  return encodeModel({ ...model, graph: { ...graph, ...pick(changes)() } });
}
