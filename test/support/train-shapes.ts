import { createArchitecture } from '@precrop/sdk/architectures/registry';
import type { Backend } from '@precrop/sdk/backends/backend';
import { selectBackend } from '@precrop/sdk/backends/registry';
import { createContext, type RunContext } from '@precrop/sdk/core/context';
import type { ImageDataset } from '@precrop/sdk/data/dataset';
import { createShapes } from '@precrop/sdk/data/shapes';
import { defaultRecipe, type Recipe } from '@precrop/sdk/train/recipe';
import { createTrainer, type Trainer, type TrainerOptions } from '@precrop/sdk/train/trainer';

/** Two short epochs of a narrow ResNet-20 on drawn images: 16 steps each. */
export const shortRecipe: Recipe = { ...defaultRecipe, epochs: 2, batch: 16, schedule: { ...defaultRecipe.schedule, peak: 0.05 } };

let shapes: ImageDataset | undefined;

export async function createShapesTrainer(options: Partial<TrainerOptions> = {}, context: RunContext = createContext()): Promise<Trainer> {
  shapes ??= createShapes({ seed: 0, trainCount: 256, testCount: 100 });
  const backend: Backend = options.backend ?? (await selectBackend('auto')).backend;
  return createTrainer({
    architecture: createArchitecture('resnet-20-w4'),
    dataset: shapes,
    recipe: shortRecipe,
    context,
    ...options,
    backend,
  });
}
