/**
 * The public door: what an app needs to crop a network before training it, train it on this device, and run it. Everything else is
 * reached by its own path: `@precrop/sdk/ir/width-groups`.
 */
export { createArchitecture, listArchitectures } from './architectures/registry.js';
export type { Backend, Executable, Weights } from './backends/backend.js';
export { probeBackends, selectBackend } from './backends/registry.js';
export { createContext, type RunContext } from './core/context.js';
export { PreCropError } from './core/errors.js';
export type { EpochRecord, RunEvent } from './core/events.js';
export { type Crop, type CropOptions, cropArchitecture } from './crop/apply.js';
export type { ImageDataset } from './data/dataset.js';
export { loadDataset } from './data/registry.js';
export type { Architecture, Node } from './ir/architecture.js';
export { countArchitecture } from './ir/count.js';
export { parseArchitecture } from './ir/validate.js';
export { readWidths, type Widths, withWidths } from './ir/widths.js';
export { measureLiveness } from './program/liveness.js';
export { toInference, toTrainingStep } from './program/training-step.js';
export { selectWeights } from './program/variables.js';
export { defaultRecipe, type Recipe } from './train/recipe.js';
export { createTrainer, train } from './train/trainer.js';
