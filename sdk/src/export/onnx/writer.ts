import { ExportError } from '../../core/errors.js';
import { type Architecture, inputId } from '../../ir/architecture.js';
import { sizeOf } from '../../ir/node.js';
import type { Model } from '../model.js';
import { type AttributeProto, attributeTypes, type NodeProto, type TensorProto } from './proto.js';
import { floatTensor, intTensor } from './tensor.js';

export const imagesName = 'images';
export const logitsName = 'logits';

export type Attributes = Readonly<Record<string, Omit<AttributeProto, 'name'>>>;

/** Attribute values by kind. */
export const attribute = {
  int: (i: number): Omit<AttributeProto, 'name'> => ({ type: attributeTypes.int, i }),
  ints: (ints: readonly number[]): Omit<AttributeProto, 'name'> => ({ type: attributeTypes.ints, ints }),
  float: (f: number): Omit<AttributeProto, 'name'> => ({ type: attributeTypes.float, f }),
} as const;

/** A graph in the making. */
export interface OnnxWriter {
  /** The tensor that a node of the architecture writes, or the image. */
  tensorOf(id: string): string;
  /** Adds the node that writes what node `id` of the architecture does. */
  node(id: string, opType: string, inputs: readonly string[], attributes?: Attributes): void;
  /** Adds a node that comes before it. Gives its tensor. */
  helper(name: string, opType: string, inputs: readonly string[], attributes?: Attributes): string;
  /** The values of a weight. @throws ExportError where there are not `size`. */
  weight(name: string, size: number): Float32Array;
  /** Adds a constant of float32. Gives its tensor. */
  floats(name: string, dims: readonly number[], values: Float32Array): string;
  /** Adds a constant list of int64; equal names are one. Gives its tensor. */
  ints(name: string, values: readonly number[]): string;
  /** Adds a constant number; equal names are one. Gives its tensor. */
  scalar(name: string, value: number): string;
}

export function createWriter({ architecture, weights }: Model): {
  readonly nodes: readonly NodeProto[];
  readonly initializers: readonly TensorProto[];
  readonly writer: OnnxWriter;
} {
  const nodes: NodeProto[] = [];
  const initializers: TensorProto[] = [];
  const tensors = nameTensors(architecture);
  const taken = new Set(tensors.values());
  const shared = new Map<string, string>();

  const add = (name: string, opType: string, input: readonly string[], output: string, attributes: Attributes = {}): string => {
    nodes.push({
      name,
      opType,
      input,
      output: [output],
      attribute: Object.entries(attributes).map(([name, value]) => ({ name, ...value })),
    });
    return output;
  };
  const tensorOf = (id: string): string => tensors.get(id) ?? imagesName;
  const once = (name: string, make: (name: string) => TensorProto): string => {
    const known = shared.get(name) ?? claimName(name, taken);
    if (!shared.has(name)) initializers.push(make(known));
    shared.set(name, known);
    return known;
  };
  const writer: OnnxWriter = {
    tensorOf,
    node: (id, opType, inputs, attributes) => add(id, opType, inputs, tensorOf(id), attributes),
    helper: (name, opType, inputs, attributes) => add(name, opType, inputs, claimName(name, taken), attributes),
    weight(name, size) {
      const values = weights.get(name);
      if (values?.length !== size) throw new ExportError(`The weight "${name}" has ${values?.length ?? 'no'} values, but needs ${size}.`);
      return values;
    },
    floats: (name, dims, values) => once(name, (claimed) => floatTensor(claimed, dims, values)),
    ints: (name, values) => once(name, (claimed) => intTensor(claimed, values)),
    scalar: (name, value) => once(name, (claimed) => floatTensor(claimed, [], Float32Array.of(value))),
  };
  return { nodes, initializers, writer };
}

/** A tensor is called as the node that writes it, but the image and the logits have names of their own. */
function nameTensors({ nodes, output }: Architecture): ReadonlyMap<string, string> {
  const taken = new Set([imagesName, logitsName]);
  const names = nodes.map(({ id }): [string, string] => [id, id === output ? logitsName : claimName(id, taken)]);
  return new Map([[inputId, imagesName], ...names]);
}

function claimName(wanted: string, taken: Set<string>): string {
  let name = wanted;
  for (let count = 2; taken.has(name); count++) name = `${wanted}_${count}`;
  taken.add(name);
  return name;
}

/** Adds a weight as it is, with these extents. Gives its tensor. */
export function addWeight(out: OnnxWriter, name: string, dims: readonly number[]): string {
  return out.floats(name, dims, out.weight(name, sizeOf(dims)));
}
