import { ExportError } from '../../core/errors.js';
import { inputId, type Node } from '../../ir/architecture.js';
import { channelsOf, withChannels } from '../../ir/node.js';
import { type ShapedNode, toShapedNodes } from '../../ir/shapes.js';
import type { WriteOptions } from '../format.js';
import { fuseActivations } from '../fused-activations.js';
import { describeModel, descriptionKey, type Model } from '../model.js';
import { createGraph } from './graph.js';
import type { NodeScope, WriteNode } from './node-scope.js';
import { splitOptions, stridedSliceOptions } from './schema.js';
import { toSparseKernels } from './sparse-kernels.js';
import { fusableOps, writers } from './write-nodes.js';

/** The bytes of a model as a tflite file. @throws ExportError for weights that float16 or a file of 2 GiB cannot hold. */
export function writeTflite(model: Model, options: WriteOptions): Uint8Array {
  const suited = options.sparse ? toSparseKernels(model) : undefined;
  const { architecture, weights } = suited?.model ?? model;
  const graph = createGraph(options);
  const batched = (shape: readonly number[]): readonly number[] => [options.batch, ...shape];
  const fused = fuseActivations(architecture, fusableOps);
  const gone = new Set([...fused.values()].map(({ id }) => id));

  const images = graph.value('images', batched(architecture.input));
  const values = new Map([[inputId, suited?.turned ? turn(images) : images]]);
  const splits = new Map<string, readonly number[]>();
  for (const shaped of toShapedNodes(architecture)) {
    const { node } = shaped;
    if (gone.has(node.id)) continue;
    const activation = fused.get(node.id);
    const id = activation?.id ?? node.id;
    const inputs = node.inputs.map((input) => values.get(input) ?? 0) as [number, ...number[]];
    const write = writers[node.op] as WriteNode<Node>;
    values.set(id, write(node, inputs, scopeOf(shaped, id === architecture.output ? 'logits' : id, activation?.op ?? 'none')));
  }
  const logits = values.get(architecture.output) ?? 0;
  const description = describeModel(model);
  return graph.finish(description.name, images, logits, new Map([[descriptionKey, JSON.stringify(description)]]));

  function scopeOf({ node, inputs, output }: ShapedNode, name: string, activation: NodeScope['activation']): NodeScope {
    return {
      graph,
      inputShapes: inputs,
      outputShape: output,
      activation,
      padsStrides: suited !== undefined,
      batched,
      weights: (part) => take(`${node.id}/${part}`),
      bias: ({ bias }) => (bias ? take(`${node.id}/bias`) : new Float32Array(channelsOf(output))),
      output: () => graph.value(name, batched(output)),
      split,
    };
  }

  function take(name: string): Float32Array {
    const found = weights.get(name);
    if (!found) throw new ExportError(`The model has no weights "${name}". They are those of another architecture.`);
    return found;
  }

  function split(input: number, shape: readonly number[], parts: number): readonly number[] {
    const key = `split${parts} of ${input}`;
    const known = splits.get(key);
    if (known) return known;
    const run = batched(withChannels(shape, channelsOf(shape) / parts));
    const outputs = Array.from({ length: parts }, (_, part) => graph.value(`${key}/${part}`, run));
    graph.operator('SPLIT', [graph.ints('channels', [shape.length], []), input], outputs, splitOptions(parts));
    splits.set(key, outputs);
    return outputs;
  }

  /** Images turned by half a turn: their lines and columns backwards. */
  function turn(input: number): number {
    const turned = graph.value('images/turned', batched(architecture.input));
    const [open, strides] = [graph.ints('images/ends', [0, 0, 0, 0]), graph.ints('images/steps', [1, -1, -1, 1])];
    graph.operator('STRIDED_SLICE', [input, open, open, strides], [turned], stridedSliceOptions(0b1111, 0b1111));
    return turned;
  }
}
