import { ModelFileError } from '../../core/errors.js';
import { inputId, type Node } from '../../ir/architecture.js';
import type { Pads } from '../../ir/geometry.js';
import { type Shape, sizeOf } from '../../ir/node.js';
import { specOf } from '../../ir/ops.js';
import { quote } from '../quote.js';
import type { Layer } from './layer.js';
import { toNodeId } from './layer-names.js';
import { isNonNegative } from './non-negative.js';
import type { WeightSource } from './read-weights.js';

/** What a layer's output is to the node that it came from: some layers become no node before their reader is known. */
export type Form =
  | { readonly kind: 'plain' }
  /** A vector that layers see as an image of one pixel, [1, 1, c]. */
  | { readonly kind: 'pixel' }
  | { readonly kind: 'padded'; readonly pads: Pads }
  /** An image that layers see as a vector, [h · w · c]. */
  | { readonly kind: 'flat' }
  /** Channels as [groups, c / groups], in an image that layers see with `rank` axes. */
  | { readonly kind: 'dealt'; readonly groups: number; readonly rank: number }
  /** The same as [c / groups, groups]. */
  | { readonly kind: 'turned'; readonly groups: number };

export interface Value {
  /** The node that wrote it. */
  readonly id: string;
  /** The node's output. */
  readonly shape: Shape;
  readonly form: Form;
  /** After a softmax: right at the end only, where it is left out. */
  readonly probabilities: boolean;
}

/** A layer with the values that it reads. */
export interface LayerCall {
  readonly layer: Layer;
  /** The layer's name as a node's id. */
  readonly id: string;
  readonly inputs: readonly Value[];
  readonly builder: NetworkBuilder;
}

/** What a layer becomes. @throws ModelFileError for what PreCrop has no op for. */
export type ReadLayer = (call: LayerCall) => Value;

export interface NetworkBuilder {
  readonly nodes: readonly Node[];
  readonly weights: ReadonlyMap<string, Float32Array>;
  /** Appends a node with its weights by part. @throws ModelFileError for an id that is taken, or more values than can be. */
  emit(node: Node, parts?: Readonly<Record<string, Float32Array>>): Value;
  /** The id, or one like it that no other node or layer has. */
  freshId(id: string): string;
  /** Whether there is a node of that id. */
  has(id: string): boolean;
  isNonNegative(id: string): boolean;
  /** A weight of the layer. */
  take(layer: string, part: string, shape: Shape): Float32Array;
}

// More than any network, and so little that a hostile file is refused at once.
const mostValues = 2 ** 31;
const mostNodes = 20_000;

export function createNetworkBuilder(input: Shape, layers: readonly Layer[], source: WeightSource): NetworkBuilder {
  const nodes: Node[] = [];
  const weights = new Map<string, Float32Array>();
  const shapes = new Map<string, Shape>([[inputId, input]]);
  const nonNegative = new Set<string>();
  const taken = new Set([inputId, ...layers.map(({ name }) => toNodeId(name))]);
  return {
    nodes,
    weights,
    emit(node, parts = {}) {
      if (shapes.has(node.id)) throw new ModelFileError(`Two layers would be called ${quote(node.id)}. Names of layers must differ.`);
      if (nodes.length === mostNodes) throw new ModelFileError(`The model has more than ${mostNodes} nodes, more than any network.`);
      const shape = specOf(node).outputShape(
        node,
        node.inputs.map((id) => shapes.get(id) ?? []),
      );
      if (!(sizeOf(shape) <= mostValues)) {
        throw new ModelFileError(`Layer ${quote(node.id)} writes ${shape.join('x')} values, more than any network.`);
      }
      nodes.push(node);
      shapes.set(node.id, shape);
      if (isNonNegative(node, nonNegative)) nonNegative.add(node.id);
      for (const [part, values] of Object.entries(parts)) weights.set(`${node.id}/${part}`, values);
      return { id: node.id, shape, form: { kind: 'plain' }, probabilities: false };
    },
    freshId(id) {
      let fresh = id;
      for (let number = 2; taken.has(fresh); number++) fresh = `${id}${number}`;
      taken.add(fresh);
      return fresh;
    },
    has: (id) => shapes.has(id),
    isNonNegative: (id) => nonNegative.has(id),
    take: (layer, part, shape) => source.take(`${layer}/${part}`, shape),
  };
}

/** A layer in words. */
export function describeLayer({ name, className }: Layer): string {
  return `Layer ${quote(name)}, a ${className.slice(0, 80)},`;
}

/** The only input, in one of these forms. @throws ModelFileError for another, for more inputs, and for probabilities. */
export function inputOf({ layer, inputs }: LayerCall, ...kinds: readonly Form['kind'][]): Value {
  const [value, ...others] = inputs;
  if (!value || others.length > 0) throw new ModelFileError(`${describeLayer(layer)} reads ${inputs.length} layers, but must read one.`);
  return expectForm(layer, value, ...kinds);
}

/** @throws ModelFileError for a value of another form, and for probabilities. */
export function expectForm(layer: Layer, value: Value, ...kinds: readonly Form['kind'][]): Value {
  const what = value.probabilities ? probabilities : describeForm[value.form.kind];
  if (value.probabilities || !kinds.includes(value.form.kind)) {
    throw new ModelFileError(`${describeLayer(layer)} reads ${what}, for which PreCrop has no op.`);
  }
  return value;
}

const probabilities = 'the probabilities of a softmax, which can stand at the end alone';
const describeForm: Readonly<Record<Form['kind'], string>> = {
  plain: 'an image or a vector',
  pixel: 'a vector as an image of one pixel',
  padded: 'padding that no convolution with padding "valid" follows',
  flat: 'a flattened image, which a Dense layer alone can read',
  dealt: 'a reshaped image that is no channel shuffle',
  turned: 'a permuted image that is no channel shuffle',
};
