import { z } from 'zod';
import { channelsOf, type NodeBase } from '../node.js';
import { nodeFields } from '../node-schema.js';
import type { OpSpec } from '../op-spec.js';

/** Batch normalisation over all but the channels. Ioffe & Szegedy 2015, arXiv 1502.03167, algorithm 1. */
export interface BatchNormNode extends NodeBase {
  readonly op: 'batch-norm';
  readonly epsilon: number;
  /** Share of the old value that a moving average keeps at each step. */
  readonly momentum: number;
}

export const batchNorm: OpSpec<BatchNormNode> = {
  kind: 'batch-norm',
  schema: z.strictObject({
    ...nodeFields,
    op: z.literal('batch-norm'),
    epsilon: z.number().positive(),
    momentum: z.number().min(0).max(1),
  }),
  arity: { least: 1, most: 1 },
  outputShape: (_node, [input = []]) => input,
  countParams: (_node, [input = []]) => 2 * channelsOf(input),
  countPrunable: () => 0,
  countMacs: () => 0,
  couples: (_node, [input = []]) => input,
  reads: () => (channel) => [channel],
  lower(node, [x], builder) {
    if (!x) throw new RangeError(node.id);
    const shape = [channelsOf(x.shape)];
    const scale = builder.variable({ name: `${node.id}/scale`, shape, role: 'scale', initializer: { kind: 'ones' } });
    const offset = builder.variable({ name: `${node.id}/offset`, shape, role: 'offset', initializer: { kind: 'zeros' } });
    const movingMean = { name: `${node.id}/moving-mean`, shape, role: 'moving-mean', initializer: { kind: 'zeros' } } as const;
    const movingVariance = { name: `${node.id}/moving-variance`, shape, role: 'moving-variance', initializer: { kind: 'ones' } } as const;
    const oldMean = builder.variable(movingMean);
    const oldVariance = builder.variable(movingVariance);
    const { epsilon } = node;
    if (builder.mode === 'infer') return builder.emit('batchNormInfer', [x, scale, offset, oldMean, oldVariance], { epsilon });

    const [y, mean, variance] = builder.emitAll('batchNormTrain', [x, scale, offset], { epsilon });
    move(movingMean.name, oldMean, mean as typeof x);
    move(movingVariance.name, oldVariance, variance as typeof x);
    return y as typeof x;

    function move(variable: string, old: typeof scale, batch: typeof scale): void {
      const kept = builder.emit('scale', [old], { factor: node.momentum });
      const added = builder.emit('scale', [batch], { factor: 1 - node.momentum });
      builder.emitAll('assign', [builder.emit('add', [kept, added], {})], { variable });
    }
  },
};
