import type { Architecture } from '../ir/architecture.js';
import type { Value } from '../ir/lowering.js';
import { createProgramBuilder, type ProgramBuilder } from './builder.js';
import { differentiate } from './differentiate.js';
import { lower } from './lower.js';
import { type Optimizer, optimize } from './optimizer.js';
import type { Program, ProgramVariable } from './program.js';

export interface Loss {
  /** Cross-entropy against (1 - s) on the label and s / classes everywhere. Szegedy et al. 2016, arXiv 1512.00567, §7. */
  readonly labelSmoothing: number;
}

/**
 * One step of training: forward, backward and update. Inputs: `images` [-1, h, w, c], `labels` int32 [-1], `learningRate` [] and the
 * optimizer's own scalars. Outputs: `loss` [] (mean over the batch), `logits` [-1, classes].
 * @param masked kernels whose gradients are multiplied by the variable `NAME/mask`. Where weights and momentum begin as zeros under the
 *   mask they stay zeros to the bit, with every optimizer: neither decay nor momentum moves a zero.
 */
export function toTrainingStep(architecture: Architecture, optimizer: Optimizer, loss: Loss, masked: readonly string[] = []): Program {
  const builder = createProgramBuilder('train', 'train');
  const { meanLoss, logits } = lowerLoss(architecture, builder, loss);
  const trainable = builder.variables.filter(({ role }) => role !== 'moving-mean' && role !== 'moving-variance');
  const values = trainable.map(({ value }) => builder.values[value as number] as Value);

  builder.enter('backward');
  const gradients = differentiate(builder, meanLoss, values);
  builder.enter('update');
  optimize(
    builder,
    optimizer,
    trainable.flatMap((variable, index) => {
      const [value, gradient] = [values[index], gradients[index]];
      return value && gradient ? [{ variable, value, gradient: masked.includes(variable.name) ? mask(variable, gradient) : gradient }] : [];
    }),
  );
  return builder.finish({ loss: meanLoss, logits });

  function mask({ name, shape }: ProgramVariable, gradient: Value): Value {
    const ones = builder.variable({ name: maskName(name), shape, role: 'mask', initializer: { kind: 'ones' } });
    return builder.emit('mul', [gradient, ones], {});
  }
}

/** The variable that holds a kernel's mask, ones and zeros. */
export function maskName(kernel: string): string {
  return `${kernel}/mask`;
}

/** The gradients alone: outputs `loss`, and `gradient/NAME` for each trainable variable. For tests and saliency. */
export function toGradients(architecture: Architecture, loss: Loss, mode: 'train' | 'infer' = 'train'): Program {
  const builder = createProgramBuilder('gradients', mode);
  const { meanLoss } = lowerLoss(architecture, builder, loss);
  const trainable = builder.variables.filter(({ role }) => role !== 'moving-mean' && role !== 'moving-variance');
  builder.enter('backward');
  const values = trainable.map(({ value }) => builder.values[value as number] as Value);
  const gradients = differentiate(builder, meanLoss, values);
  const named = trainable.flatMap(({ name }, index): [string, Value][] => {
    const gradient = gradients[index];
    return gradient ? [[`gradient/${name}`, gradient]] : [];
  });
  return builder.finish({ loss: meanLoss, ...Object.fromEntries(named) });
}

/** Evaluation with the moving averages. Inputs `images`, `labels`. Outputs `losses` [-1] and `logits` [-1, classes]. */
export function toEvaluation(architecture: Architecture): Program {
  const builder = createProgramBuilder('evaluate', 'infer');
  const { losses, logits } = lowerLoss(architecture, builder, { labelSmoothing: 0 });
  return builder.finish({ losses, logits });
}

/** Inference. Input `images`, outputs `logits` and `probabilities` [-1, classes]. */
export function toInference(architecture: Architecture): Program {
  const builder = createProgramBuilder('infer', 'infer');
  const logits = lower(architecture, builder.input('images', [-1, ...architecture.input]), builder);
  return builder.finish({ logits, probabilities: builder.emit('softmax', [logits], {}) });
}

function lowerLoss(
  architecture: Architecture,
  builder: ProgramBuilder,
  { labelSmoothing }: Loss,
): { readonly losses: Value; readonly meanLoss: Value; readonly logits: Value } {
  const images = builder.input('images', [-1, ...architecture.input]);
  const labels = builder.input('labels', [-1], 'int32');
  const logits = lower(architecture, images, builder);
  const off = labelSmoothing / architecture.classes;
  const targets = builder.emit('oneHot', [labels], { depth: architecture.classes, on: 1 - labelSmoothing + off, off });
  const losses = builder.emit('softmaxCrossEntropy', [logits, targets], {});
  return { losses, meanLoss: builder.emit('reduceMean', [losses], { axes: [0] }), logits };
}
