import { UsageError } from '../core/errors.js';
import type { Value } from '../ir/lowering.js';
import type { ProgramBuilder } from './builder.js';
import type { ProgramVariable } from './program.js';

export interface SgdOptimizer {
  readonly kind: 'sgd';
  readonly momentum: number;
  readonly nesterov: boolean;
  /** L2 decay, added to the gradient of kernels; biases and batch norm are left alone. */
  readonly weightDecay: number;
}

/** Loshchilov & Hutter 2019, arXiv 1711.05101. */
export interface AdamWOptimizer {
  readonly kind: 'adamw';
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** Decoupled decay of kernels. */
  readonly weightDecay: number;
}

export type Optimizer = SgdOptimizer | AdamWOptimizer;

/** Scalars that the optimizer's program reads at each step besides the learning rate. Steps count from 0. */
export function optimizerFeeds(optimizer: Optimizer, learningRate: number, step: number): Readonly<Record<string, number>> {
  if (optimizer.kind === 'sgd') return { learningRate };
  return { learningRate, beta1Power: optimizer.beta1 ** (step + 1), beta2Power: optimizer.beta2 ** (step + 1) };
}

/** Appends the update of each variable by its gradient. */
export function optimize(
  builder: ProgramBuilder,
  optimizer: Optimizer,
  trained: readonly { readonly variable: ProgramVariable; readonly value: Value; readonly gradient: Value }[],
): void {
  checkOptimizer(optimizer);
  const scalar = (name: string): Value => builder.input(name, []);
  const slot = (variable: ProgramVariable, suffix: string): string => {
    const name = `${variable.name}/${suffix}`;
    builder.slot({ name, shape: variable.shape, role: 'slot', initializer: { kind: 'zeros' } });
    return name;
  };
  const learningRate = scalar('learningRate');

  if (optimizer.kind === 'sgd') {
    const { momentum, nesterov, weightDecay } = optimizer;
    for (const { variable, value, gradient } of trained) {
      const decay = variable.role === 'kernel' && weightDecay > 0;
      const total = decay ? builder.emit('add', [gradient, builder.emit('scale', [value], { factor: weightDecay })], {}) : gradient;
      builder.emitAll('applyMomentum', [total, learningRate], {
        variable: variable.name,
        slot: slot(variable, 'momentum'),
        momentum,
        nesterov,
      });
    }
    return;
  }
  const powers = [scalar('beta1Power'), scalar('beta2Power')];
  const { beta1, beta2, epsilon } = optimizer;
  for (const { variable, gradient } of trained) {
    builder.emitAll('applyAdam', [gradient, learningRate, ...powers], {
      variable: variable.name,
      firstMoment: slot(variable, 'first-moment'),
      secondMoment: slot(variable, 'second-moment'),
      beta1,
      beta2,
      epsilon,
      weightDecay: variable.role === 'kernel' ? optimizer.weightDecay : 0,
    });
  }
}

function checkOptimizer(optimizer: Optimizer): void {
  const rates = optimizer.kind === 'sgd' ? { momentum: optimizer.momentum } : { beta1: optimizer.beta1, beta2: optimizer.beta2 };
  for (const [name, value] of Object.entries(rates)) {
    if (!(value >= 0 && value < 1)) throw new UsageError(`The optimizer's ${name} is ${value}, but must be at least 0 and below 1.`);
  }
  if (!(optimizer.weightDecay >= 0)) {
    throw new UsageError(`The optimizer's weightDecay is ${optimizer.weightDecay}, but must be 0 or more.`);
  }
}
