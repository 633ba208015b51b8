import type { Node } from '../../ir/architecture.js';
import { channelsOf } from '../../ir/node.js';
import type { AddNode } from '../../ir/ops/add.js';
import type { BatchNormNode } from '../../ir/ops/batch-norm.js';
import type { ChannelShuffleNode } from '../../ir/ops/channel-shuffle.js';
import type { ConcatNode } from '../../ir/ops/concat.js';
import type { DenseNode } from '../../ir/ops/dense.js';
import type { GlobalAvgPoolNode } from '../../ir/ops/global-avg-pool.js';
import type { Relu6Node, ReluNode } from '../../ir/ops/relu.js';
import type { SplitNode } from '../../ir/ops/split.js';
import type { NodeScope, WriteNode } from './node-scope.js';
import { activationOptions, concatenationOptions, type OperatorName, reducerOptions, reshapeOptions } from './schema.js';
import type { Table } from './table.js';
import { transpose } from './transpose.js';
import { writeAvgPool, writeConv, writeDepthwiseConv, writeMaxPool } from './write-windows.js';

/** Ops whose operator can end in a relu or relu6. */
export const fusableOps: ReadonlySet<Node['op']> = new Set<Node['op']>(['conv', 'depthwise-conv', 'dense', 'add', 'batch-norm']);

/** How each op of the ir is written. */
export const writers: { readonly [K in Node['op']]: WriteNode<Extract<Node, { readonly op: K }>> } = {
  conv: writeConv,
  'depthwise-conv': writeDepthwiseConv,
  'batch-norm': writeBatchNorm,
  relu: (_node: ReluNode, [input], scope) => emit(scope, 'RELU', [input]),
  relu6: (_node: Relu6Node, [input], scope) => emit(scope, 'RELU6', [input]),
  add: (_node: AddNode, inputs, scope) => emit(scope, 'ADD', inputs, activationOptions(scope.activation)),
  concat: (_node: ConcatNode, inputs, scope) => emit(scope, 'CONCATENATION', inputs, concatenationOptions(scope.outputShape.length)),
  split: (node: SplitNode, [input], scope) => scope.split(input, scope.inputShapes[0] ?? [], node.parts)[node.part] ?? 0,
  'channel-shuffle': writeChannelShuffle,
  'max-pool': writeMaxPool,
  'avg-pool': writeAvgPool,
  'global-avg-pool': writeGlobalAvgPool,
  dense: writeDense,
};

function emit(scope: NodeScope, operator: OperatorName, inputs: readonly number[], options?: Table): number {
  const output = scope.output();
  scope.graph.operator(operator, inputs, [output], options);
  return output;
}

/** One that stands alone: a factor and an addend a channel. */
function writeBatchNorm(node: BatchNormNode, [input]: readonly [number, ...number[]], scope: NodeScope): number {
  const { graph } = scope;
  const [scale, offset, mean] = [scope.weights('scale'), scope.weights('offset'), scope.weights('moving-mean')];
  const factors = Float64Array.from(
    scope.weights('moving-variance'),
    (value, index) => (scale[index] ?? 0) / Math.sqrt(value + node.epsilon),
  );
  const addends = factors.map((factor, index) => (offset[index] ?? 0) - factor * (mean[index] ?? 0));
  const scaled = graph.value(`${node.id}/scaled`, scope.batched(scope.outputShape));
  graph.operator('MUL', [input, channels('factors', factors)], [scaled], activationOptions('none'));
  return emit(scope, 'ADD', [scaled, channels('addends', addends)], activationOptions(scope.activation));

  function channels(name: string, values: Float64Array): number {
    return graph.floats(`${node.id}/${name}`, [values.length], Float32Array.from(values));
  }
}

/** [n, h·w, groups, c / groups] with the last two axes exchanged: four axes are what every reader transposes. */
function writeChannelShuffle(node: ChannelShuffleNode, [input]: readonly [number, ...number[]], scope: NodeScope): number {
  const { graph, batched } = scope;
  const [height = 0, width = 0, channels = 0] = scope.outputShape;
  const [pixels, run] = [height * width, channels / node.groups];
  const dealt = reshape(scope, input, graph.value(`${node.id}/dealt`, batched([pixels, node.groups, run])), [pixels, node.groups, run]);
  const turned = graph.value(`${node.id}/turned`, batched([pixels, run, node.groups]));
  graph.operator('TRANSPOSE', [dealt, graph.ints(`${node.id}/permutation`, [0, 1, 3, 2])], [turned]);
  return reshape(scope, turned, scope.output(), scope.outputShape);
}

/** MEAN that keeps both axes, and RESHAPE: XNNPACK takes no other mean. */
function writeGlobalAvgPool(node: GlobalAvgPoolNode, [input]: readonly [number, ...number[]], scope: NodeScope): number {
  const { graph, batched, outputShape } = scope;
  const mean = graph.value(`${node.id}/mean`, batched([1, 1, channelsOf(outputShape)]));
  graph.operator('MEAN', [input, graph.ints(`${node.id}/axes`, [1, 2])], [mean], reducerOptions(true));
  return reshape(scope, mean, scope.output(), outputShape);
}

function reshape({ graph }: NodeScope, input: number, output: number, shape: readonly number[]): number {
  const target = [-1, ...shape]; // whatever the batch
  graph.operator('RESHAPE', [input, graph.ints(`shape ${target.join('x')}`, target)], [output], reshapeOptions(target));
  return output;
}

/** FULLY_CONNECTED; its weights are [out, in]. */
function writeDense(node: DenseNode, [input]: readonly [number, ...number[]], scope: NodeScope): number {
  const { graph, inputShapes } = scope;
  const shape = [node.outChannels, channelsOf(inputShapes[0] ?? [])];
  const weights = graph.kernel(`${node.id}/kernel`, shape, transpose(scope.weights('kernel'), node.outChannels));
  const bias = graph.floats(`${node.id}/bias`, [node.outChannels], scope.bias(node));
  return emit(scope, 'FULLY_CONNECTED', [input, weights, bias], activationOptions(scope.activation));
}
