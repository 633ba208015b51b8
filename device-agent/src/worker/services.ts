import type { StepInput, TimedMethods } from '../bench/timed-service.js';
import type { DatasetMethods } from '../jobs/dataset-service.js';
import type { DatasetChoice } from '../jobs/training-description.js';
import type { TrainingInput, TrainingMethods } from '../jobs/training-service.js';
import type { ProbeMethods } from '../setup/probe-service.js';
import type { CreateService } from './service.js';

/** Every service, its input and its methods. A new one joins here and in `services`. */
export interface ServiceMap {
  dataset: { input: DatasetChoice; methods: DatasetMethods };
  train: { input: TrainingInput; methods: TrainingMethods };
  probe: { input: string; methods: ProbeMethods };
  'bench-inference-ours': { input: StepInput; methods: TimedMethods };
  'bench-step-ours': { input: StepInput; methods: TimedMethods };
  'bench-step-layers': { input: StepInput; methods: TimedMethods };
  'bench-peak-rate': { input: Pick<StepInput, 'backend'>; methods: TimedMethods };
}

export type ServiceName = keyof ServiceMap;

/** Imported in the worker alone, so that the parent never loads a native library. */
export const services: {
  readonly [Name in ServiceName]: () => Promise<CreateService<ServiceMap[Name]['input'], ServiceMap[Name]['methods']>>;
} = {
  dataset: async () => (await import('../jobs/dataset-service.js')).createDatasetService,
  train: async () => (await import('../jobs/training-service.js')).createTrainingService,
  probe: async () => (await import('../setup/probe-service.js')).createProbeService,
  'bench-inference-ours': async () => (await import('../bench/inference-ours.js')).createInferenceOurs,
  'bench-step-ours': async () => (await import('../bench/step-ours.js')).createStepOurs,
  'bench-step-layers': async () => (await import('../bench/step-layers.js')).createStepLayers,
  'bench-peak-rate': async () => (await import('../bench/peak-rate.js')).createPeakRate,
};
