import { UsageError } from '../core/errors.js';
import type { Augmentation } from '../data/augment.js';
import type { Optimizer } from '../program/optimizer.js';
import type { Schedule } from './schedule.js';

/** How a network is trained: all that its result depends on besides architecture, data and backend. */
export interface Recipe {
  readonly epochs: number;
  readonly batch: number;
  readonly optimizer: Optimizer;
  readonly schedule: Schedule;
  readonly labelSmoothing: number;
  readonly augment: Augmentation;
  readonly seed: number;
}

/** Nesterov SGD on one cycle: for CIFAR-sized images and some tens of epochs. */
export const defaultRecipe: Recipe = {
  epochs: 30,
  batch: 128,
  optimizer: { kind: 'sgd', momentum: 0.9, nesterov: true, weightDecay: 5e-4 },
  schedule: { kind: 'one-cycle', peak: 0.4, warmup: 0.2, initialDivisor: 10, finalDivisor: 1000 },
  labelSmoothing: 0,
  augment: 'pad-crop-flip',
  seed: 0,
};

/** @throws UsageError for a recipe that cannot be followed. */
export function checkRecipe({ epochs, batch, labelSmoothing }: Recipe): void {
  if (!Number.isInteger(epochs) || epochs < 1)
    throw new UsageError(`The number of epochs is ${epochs}, but must be a whole number above 0.`);
  if (!Number.isInteger(batch) || batch < 1) throw new UsageError(`The batch size is ${batch}, but must be a whole number above 0.`);
  if (!(labelSmoothing >= 0 && labelSmoothing < 1)) {
    throw new UsageError(`The label smoothing is ${labelSmoothing}, but must be at least 0 and below 1.`);
  }
}
