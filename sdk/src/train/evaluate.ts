import type { Executable } from '../backends/backend.js';
import { type RunContext, throwIfCancelled } from '../core/context.js';
import { createBatches } from '../data/batches.js';
import type { ImageFormat, ImageSplit } from '../data/dataset.js';
import { addBatch, noMetrics, toMeans } from './metrics.js';

/** Images a batch: the program keeps little in evaluation, so batches can be large. */
const evaluationBatch = 250;

/** Mean loss and accuracy of the program `evaluate` over all images of a split. */
export async function evaluate(
  executable: Executable,
  split: ImageSplit,
  format: ImageFormat,
  context: RunContext,
): Promise<{ readonly loss: number; readonly accuracy: number }> {
  const batch = Math.min(evaluationBatch, split.count);
  const order = { batch, augment: 'none', seed: 0, epoch: 0, shuffle: false, dropRemainder: false } as const;
  let metrics = noMetrics;
  for await (const { images, labels } of createBatches(split, format, order, { context })) {
    const { losses = new Float32Array(), logits = new Float32Array() } = await executable.run('evaluate', { images, labels });
    metrics = addBatch(metrics, losses.reduce((sum, loss) => sum + loss, 0) / labels.length, logits, labels);
    throwIfCancelled(context);
  }
  return toMeans(metrics);
}
