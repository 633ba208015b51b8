/**
 * The public door: what an app needs to crop a network before training it, train it on this device, export it, and run it on the fastest
 * runtime there. Everything else is reached by its own path: `@precrop/sdk/ir/width-groups`.
 *
 * @example After training, a file that takes pixels, and what it says of a picture:
 * const metadata = { classNames: dataset.classNames, normalization: { mean: dataset.mean, std: dataset.std } };
 * const file = await exportModel({ architecture, weights, metadata }, 'onnx', { bakeNormalization: true });
 * await writeModelFile('net.onnx', file);
 *
 * const { runtime } = await selectRuntime('auto', 'onnx');
 * const session = await runtime.load(await loadModelFile('net.onnx'), { threads: 2 });
 * const logits = await session.infer(await loadImageFile('photo.jpg', session.input));
 * const [likeliest] = rankClasses(logits, dataset.classNames);
 * await session.dispose();
 */
export { createArchitecture, listArchitectures } from './architectures/registry.js';
export type { Backend, Executable, Weights } from './backends/backend.js';
export { probeBackends, selectBackend } from './backends/registry.js';
export { type Compressed, type CompressOptions, compress } from './compress.js';
export { createContext, type RunContext } from './core/context.js';
export { BudgetError, PreCropError } from './core/errors.js';
export type { EpochRecord, RunEvent } from './core/events.js';
export { createCostModel, type Estimate } from './cost/cost-model.js';
export { type DeviceProfile, parseDeviceProfile } from './cost/device-profile.js';
export { type Crop, type CropOptions, cropArchitecture } from './crop/apply.js';
export type { ImageDataset } from './data/dataset.js';
export { loadImageFile } from './data/image-file.js';
export { loadDataset } from './data/registry.js';
export type { FormatName, ModelFile } from './export/format.js';
export type { Model, ModelMetadata } from './export/model.js';
export { type ExportOptions, exportModel, importModel } from './export/registry.js';
export type { Architecture, Node } from './ir/architecture.js';
export { countArchitecture } from './ir/count.js';
export { parseArchitecture } from './ir/validate.js';
export { readWidths, type Widths, withWidths } from './ir/widths.js';
export type { Budget } from './plan/budget.js';
export { findFront } from './plan/front.js';
export { pickPlan } from './plan/pick.js';
export type { PlanResult } from './plan/result.js';
export { measureLiveness } from './program/liveness.js';
export { toInference, toTrainingStep } from './program/training-step.js';
export { selectWeights } from './program/variables.js';
export { loadModelFile, writeModelFile } from './runtimes/model-files.js';
export { type RankedClass, rankClasses } from './runtimes/rank-classes.js';
export { selectRuntime } from './runtimes/registry.js';
export type { InferenceSession, Runtime } from './runtimes/runtime.js';
export { defaultRecipe, type Recipe } from './train/recipe.js';
export { createTrainer, train } from './train/trainer.js';
