import { ModelFileError } from '../../core/errors.js';
import type { StoredFloats } from '../model.js';
import { quote } from '../quote.js';
import { type AttributeProto, attributeTypes, type NodeProto, toNumber } from './proto.js';
import type { Network } from './read-network.js';
import type { DataValue, Value } from './read-value.js';
import { dimsOf, floatsOf, intsOf } from './tensor.js';

/** A node of a graph, with questions about it. What is asked for is what PreCrop understands: all else that the node has is refused. */
export interface NodeCall {
  readonly network: Network;
  readonly opset: number;
  /** Images a call where the file fixes them. */
  readonly batch: number | undefined;
  readonly inputCount: number;
  readonly outputs: readonly string[];
  /** A new id, like the node's name. */
  claimId(): string;
  int(name: string, otherwise: number): number;
  float(name: string, otherwise: number): number;
  text(name: string, otherwise: string): string;
  ints(name: string): readonly number[] | undefined;
  tensor(name: string): Extract<Value, { readonly kind: 'constant' }> | undefined;
  /** Attributes that change nothing here. */
  ignore(...names: readonly string[]): void;
  value(index: number): Value;
  /** The input, if it is there, and if it is a tensor between layers. */
  data(index: number): DataValue;
  /** A constant input of this many values; undefined where it is absent. `dims` says of which shape. */
  floats(index: number, dims?: readonly number[]): StoredFloats | undefined;
  /** Constant integers; undefined where absent. */
  intInput(index: number): readonly number[] | undefined;
  /** Extents of a constant input. */
  dims(index: number): readonly number[];
  /** @throws ModelFileError */
  refuse(why: string): never;
  /** @throws ModelFileError where the node has more inputs or attributes than were asked for. */
  finish(): void;
}

export interface CallContext {
  readonly network: Network;
  readonly opset: number;
  readonly batch: number | undefined;
  readonly values: ReadonlyMap<string, Value>;
}

export function createNodeCall(node: NodeProto, { network, opset, batch, values }: CallContext): NodeCall {
  const { input = [], output = [], attribute = [] } = node;
  const attributes = new Map(attribute.map((entry) => [entry.name ?? '', entry]));
  const title = describeNode(node);
  const asked = new Set<string>();
  let inputsAsked = 0;

  const refuse = (why: string): never => {
    throw new ModelFileError(`${title} ${why}`);
  };
  if (attributes.size !== attribute.length) refuse('has an attribute twice. Export the model again.');

  function find(name: string, type: keyof typeof attributeTypes): AttributeProto | undefined {
    asked.add(name);
    const found = attributes.get(name);
    if (found && found.type !== attributeTypes[type]) refuse(`has a ${quote(name)} that is no ${type}. Export the model again.`);
    return found;
  }
  function isPresent(index: number): boolean {
    inputsAsked = Math.max(inputsAsked, index + 1);
    return (input[index] ?? '') !== '';
  }
  function value(index: number): Value {
    if (!isPresent(index)) return refuse(`has no input ${index + 1}.`);
    const name = input[index] as string;
    return (
      values.get(name) ?? refuse(`reads ${quote(name)}, which no earlier node writes. Nodes must stand in the order in which they run.`)
    );
  }
  function constant(index: number, what: string): Value {
    const found = value(index);
    if (found.kind === 'constant' || found.kind === 'ints') return found;
    return refuse(`computes its ${what} ${quote(input[index])} while it runs, but PreCrop needs it to be a constant.`);
  }

  return {
    network,
    opset,
    batch,
    inputCount: input.length,
    outputs: output,
    claimId: () => network.claimId(node.name || output[0] || ''),
    int: (name, otherwise) => toNumber(find(name, 'int')?.i ?? otherwise),
    float: (name, otherwise) => find(name, 'float')?.f ?? otherwise,
    text: (name, otherwise) => {
      const bytes = find(name, 'string')?.s;
      return bytes ? new TextDecoder().decode(bytes) : otherwise;
    },
    ints: (name) => find(name, 'ints')?.ints?.map(toNumber),
    tensor: (name) => {
      const tensor = find(name, 'tensor')?.t;
      return tensor ? { kind: 'constant', tensor } : undefined;
    },
    ignore(...names) {
      for (const name of names) asked.add(name);
    },
    value,
    data(index) {
      const found = value(index);
      if (found.kind === 'data') return found;
      return refuse(`reads ${quote(input[index])}, which is ${kindNames[found.kind]}: PreCrop has no op for that.`);
    },
    floats(index, dims) {
      if (!isPresent(index)) return undefined;
      const found = constant(index, 'weight');
      if (found.kind !== 'constant') return refuse(`reads ${quote(input[index])}, which holds integers, as a weight.`);
      const actual = dimsOf(found.tensor);
      if (dims && actual.join() !== dims.join()) {
        refuse(`has a weight ${quote(input[index])} of ${actual.join('x')} values, but its input asks for ${dims.join('x')}.`);
      }
      return floatsOf(found.tensor);
    },
    intInput(index) {
      if (!isPresent(index)) return undefined;
      const found = constant(index, 'shape or index');
      return found.kind === 'ints' ? found.values : found.kind === 'constant' ? intsOf(found.tensor) : undefined;
    },
    dims(index) {
      const found = constant(index, 'weight');
      return found.kind === 'constant' ? dimsOf(found.tensor) : [];
    },
    refuse,
    finish() {
      const unknown = attribute.find(({ name = '' }) => !asked.has(name));
      if (unknown) refuse(`has the attribute ${quote(unknown.name)}, which PreCrop does not know.`);
      if (input.length > inputsAsked) refuse(`has ${input.length} inputs, but PreCrop understands ${inputsAsked} of them.`);
    },
  };
}

/** `Node "conv1" (Conv)`. */
export function describeNode({ name, output, opType, domain }: NodeProto): string {
  const kind = domain && domain !== 'ai.onnx' ? `${domain}.${opType}` : opType;
  return `Node ${quote(name || output?.[0])} (${quote(kind).slice(1, -1)})`;
}

const kindNames: Readonly<Record<Value['kind'], string>> = {
  data: 'a tensor between layers',
  pooled: 'a mean over height and width that was not flattened',
  dealt: 'half of a channel shuffle',
  constant: 'a constant',
  ints: 'a shape',
};

/** A constant's only value. */
export function scalarOf(call: NodeCall, index: number): number | undefined {
  const values = call.floats(index);
  if (values && values.length !== 1) call.refuse(`has ${values.length} values where one is wanted as input ${index + 1}.`);
  return values?.read()[0];
}
