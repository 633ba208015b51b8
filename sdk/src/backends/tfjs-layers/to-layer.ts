import type * as tf from '@tensorflow/tfjs-node';
import { BackendError } from '../../core/errors.js';
import type { Node } from '../../ir/architecture.js';
import { padsOf, type Window } from '../../ir/geometry.js';
import type { Shape } from '../../ir/node.js';

type Layer = tf.layers.Layer;
type ToLayer<Op extends Node['op']> = (node: Extract<Node, { op: Op }>, input: Shape, layers: (typeof tf)['layers']) => Layer;

const table: { readonly [Op in Node['op']]?: ToLayer<Op> } = {
  conv(node, input, layers) {
    if (node.groups > 1) throw refuse(node, `a convolution in ${node.groups} groups`);
    return layers.conv2d({ ...windowOf(node, input), name: node.id, filters: node.outChannels, useBias: node.bias });
  },
  'depthwise-conv': (node, input, layers) => layers.depthwiseConv2d({ ...windowOf(node, input), name: node.id, useBias: node.bias }),
  'batch-norm': ({ id: name, momentum, epsilon }, _input, layers) => layers.batchNormalization({ name, momentum, epsilon }),
  relu: ({ id: name }, _input, layers) => layers.reLU({ name }),
  relu6: ({ id: name }, _input, layers) => layers.reLU({ name, maxValue: 6 }),
  add: ({ id: name }, _input, layers) => layers.add({ name }),
  concat: ({ id: name }, _input, layers) => layers.concatenate({ name }),
  'max-pool': (node, input, layers) => layers.maxPooling2d(poolOf(node, input)),
  'avg-pool': (node, input, layers) => layers.averagePooling2d(poolOf(node, input)),
  'global-avg-pool': ({ id: name }, _input, layers) => layers.globalAveragePooling2d({ name }),
  dense: ({ id: name, outChannels: units, bias: useBias }, _input, layers) => layers.dense({ name, units, useBias }),
};

/** The layer that computes the node. @throws BackendError where tfjs-layers has none. */
export function toLayer(node: Node, inputs: readonly Shape[], { layers }: Pick<typeof tf, 'layers'>): Layer {
  const create = table[node.op] as ToLayer<Node['op']> | undefined;
  if (!create) throw refuse(node, `a ${node.op}`);
  return create(node as never, inputs[0] ?? [], layers);
}

interface WindowArguments {
  readonly kernelSize: [number, number];
  readonly strides: [number, number];
  readonly padding: 'same' | 'valid';
}

function windowOf(node: Window & { readonly id: string }, input: Shape): WindowArguments {
  return { kernelSize: [...node.kernel], strides: [...node.strides], padding: paddingOf(node, input) };
}

function poolOf(
  node: Window & { readonly id: string },
  input: Shape,
): { name: string; poolSize: [number, number] } & Omit<WindowArguments, 'kernelSize'> {
  return { name: node.id, poolSize: [...node.kernel], strides: [...node.strides], padding: paddingOf(node, input) };
}

/** tfjs-layers names two paddings: pixels that come to the same have those names too. */
function paddingOf(node: Window & { readonly id: string }, [height = 0, width = 0]: Shape): 'same' | 'valid' {
  const pads = padsOf(node, height, width).join();
  if (pads === '0,0,0,0') return 'valid';
  if (pads === padsOf({ ...node, padding: 'same' }, height, width).join()) return 'same';
  throw refuse(node, `padding of ${pads.replaceAll(',', ', ')} pixels`);
}

function refuse({ id }: { readonly id: string }, what: string): BackendError {
  return new BackendError(`Node "${id}" is ${what}, for which tfjs-layers has no layer. Compare with another architecture.`);
}
