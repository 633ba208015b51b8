import { type Augmentation, augmentations } from '@precrop/sdk/data/augment';
import type { Optimizer } from '@precrop/sdk/program/optimizer';
import { defaultRecipe, type Recipe } from '@precrop/sdk/train/recipe';
import type { Schedule } from '@precrop/sdk/train/schedule';
import type { Command } from 'commander';
import { option } from './define-command.js';
import { parseChoice, parseReal, parseWhole } from './option-values.js';

/** Options that make a recipe, as commander gives them. */
export interface RecipeOptions {
  readonly epochs: number;
  readonly batch: number;
  readonly optimizer: Optimizer['kind'];
  readonly peakLr?: number;
  readonly schedule: Schedule['kind'];
  readonly weightDecay?: number;
  readonly labelSmoothing: number;
  readonly augment: Augmentation;
  readonly seed: number;
}

const optimizers: Readonly<Record<Optimizer['kind'], { readonly optimizer: Optimizer; readonly peak: number }>> = {
  sgd: { optimizer: { kind: 'sgd', momentum: 0.9, nesterov: true, weightDecay: 5e-4 }, peak: 0.4 },
  adamw: { optimizer: { kind: 'adamw', beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01 }, peak: 0.003 },
};

const schedules: Readonly<Record<Schedule['kind'], (peak: number) => Schedule>> = {
  'one-cycle': (peak) => ({ kind: 'one-cycle', peak, warmup: 0.2, initialDivisor: 10, finalDivisor: 1000 }),
  cosine: (peak) => ({ kind: 'cosine', peak, warmup: 0.05, final: 0 }),
};

const heading = 'Recipe:';

/** @param batchFlag where `--batch` means something else to the command */
export function addRecipeOptions(command: Command, batchFlag = '--batch'): Command {
  const { epochs, batch, labelSmoothing, augment, seed } = defaultRecipe;
  return command
    .addOption(option(heading, '--epochs <n>', 'times that every image is seen', parseWhole('--epochs'), epochs))
    .addOption(option(heading, `${batchFlag} <n>`, 'images a step', parseWhole(batchFlag), batch))
    .addOption(choice('--optimizer <name>', 'sgd has momentum 0.9 (Nesterov)', ['sgd', 'adamw'], 'sgd'))
    .addOption(
      option(
        heading,
        '--peak-lr <r>',
        'highest learning rate (default: 0.4 for sgd, 0.003 for adamw)',
        parseReal('--peak-lr', { above: 0 }),
      ),
    )
    .addOption(choice('--schedule <name>', 'how the learning rate rises and falls', ['one-cycle', 'cosine'], 'one-cycle'))
    .addOption(
      option(
        heading,
        '--weight-decay <r>',
        'of kernels alone (default: 0.0005 for sgd, 0.01 for adamw)',
        parseReal('--weight-decay', { atLeast: 0 }),
      ),
    )
    .addOption(
      option(
        heading,
        '--label-smoothing <r>',
        'share of a label that goes to all classes',
        parseReal('--label-smoothing', { atLeast: 0, below: 1 }),
        labelSmoothing,
      ),
    )
    .addOption(choice('--augment <name>', 'what happens to training images', augmentations, augment))
    .addOption(option(heading, '--seed <n>', 'equal seeds give equal runs', parseWhole('--seed', 0), seed));
}

function choice<T extends string>(flags: string, description: string, choices: readonly T[], initial: T) {
  const name = flags.split(' ')[0] ?? '';
  return option(heading, flags, `${description}: ${choices.join(', ')}`, parseChoice(name, choices), initial);
}

export function toRecipe(options: RecipeOptions): Recipe {
  const { epochs, batch, labelSmoothing, augment, seed } = options;
  const { optimizer, peak } = optimizers[options.optimizer];
  return {
    epochs,
    batch,
    optimizer: { ...optimizer, weightDecay: options.weightDecay ?? optimizer.weightDecay },
    schedule: schedules[options.schedule](options.peakLr ?? peak),
    labelSmoothing,
    augment,
    seed,
  };
}
