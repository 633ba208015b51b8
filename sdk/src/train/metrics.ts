/** Running sums over an epoch. */
export interface Metrics {
  readonly images: number;
  /** Sum of the losses of all images. */
  readonly loss: number;
  readonly correct: number;
}

export const noMetrics: Metrics = { images: 0, loss: 0, correct: 0 };

/** The sums after one more batch. @param meanLoss mean loss of the batch. @param logits [n, classes]. */
export function addBatch(metrics: Metrics, meanLoss: number, logits: Float32Array, labels: Int32Array): Metrics {
  const images = labels.length;
  return {
    images: metrics.images + images,
    loss: metrics.loss + meanLoss * images,
    correct: metrics.correct + countCorrect(logits, labels),
  };
}

/** How many rows of the logits [n, classes] have their largest value at the label. */
export function countCorrect(logits: Float32Array, labels: Int32Array): number {
  const classes = logits.length / labels.length;
  return labels.reduce((correct, label, row) => {
    const scores = logits.subarray(row * classes, (row + 1) * classes);
    const own = scores[label] as number;
    return correct + (scores.every((score, index) => index === label || score < own) ? 1 : 0);
  }, 0);
}

/** Mean loss and accuracy, the latter a fraction. */
export function toMeans({ images, loss, correct }: Metrics): { readonly loss: number; readonly accuracy: number } {
  return { loss: loss / images, accuracy: correct / images };
}
