import type { FileInferenceInput, FileInferenceMethods } from '../bench/file-session.js';
import type { SparseNetworkInput, SparseNetworkMethods } from '../bench/sparse-network-service.js';
import type { StepInput, TimedInferenceInput, TimedInferenceMethods, TimedMethods } from '../bench/timed-service.js';
import type { NetworkInferenceInput } from '../compare/inference-service.js';
import type { NetworkMethods, NetworkRequest } from '../compare/network-service.js';
import type { DatasetMethods } from '../jobs/dataset-service.js';
import type { DensityMethods, DensityRequest } from '../jobs/density-service.js';
import type { InferenceMethods, InferenceRequest } from '../jobs/inference-service.js';
import type { ModelMethods } from '../jobs/model-service.js';
import type { ModelSource } from '../jobs/model-source.js';
import type { DatasetChoice } from '../jobs/training-description.js';
import type { TrainingInput, TrainingMethods } from '../jobs/training-service.js';
import type { ProfileInferenceInput } from '../profiler/inference-service.js';
import type { MachineRatesInput, MachineRatesMethods } from '../profiler/machine-rates-service.js';
import type { ProfileMemoryInput, ProfileMemoryMethods } from '../profiler/memory-service.js';
import type { NetworkTimerMethods } from '../profiler/network-timer.js';
import type { ProfileTrainingInput } from '../profiler/training-service.js';
import type { ProbeMethods, ProbeQuestion } from '../setup/probe-service.js';
import type { CreateService } from './service.js';

/** Every service, its input and its methods. A new one joins here and in `services`. */
export interface ServiceMap {
  dataset: { input: DatasetChoice; methods: DatasetMethods };
  densities: { input: DensityRequest; methods: DensityMethods };
  network: { input: NetworkRequest; methods: NetworkMethods };
  train: { input: TrainingInput; methods: TrainingMethods };
  model: { input: ModelSource; methods: ModelMethods };
  inference: { input: InferenceRequest; methods: InferenceMethods };
  probe: { input: ProbeQuestion; methods: ProbeMethods };
  'bench-inference': { input: TimedInferenceInput; methods: TimedInferenceMethods };
  'bench-network': { input: NetworkInferenceInput; methods: TimedInferenceMethods };
  'bench-file': { input: FileInferenceInput; methods: FileInferenceMethods };
  'sparse-network': { input: SparseNetworkInput; methods: SparseNetworkMethods };
  'bench-inference-layers': { input: TimedInferenceInput; methods: TimedInferenceMethods };
  'bench-step-ours': { input: StepInput; methods: TimedMethods };
  'bench-step-layers': { input: StepInput; methods: TimedMethods };
  'bench-peak-rate': { input: Pick<StepInput, 'backend'>; methods: TimedMethods };
  'profile-inference': { input: ProfileInferenceInput; methods: NetworkTimerMethods };
  'profile-training': { input: ProfileTrainingInput; methods: NetworkTimerMethods };
  'profile-memory': { input: ProfileMemoryInput; methods: ProfileMemoryMethods };
  'machine-rates': { input: MachineRatesInput; methods: MachineRatesMethods };
}

export type ServiceName = keyof ServiceMap;

/** Imported in the worker alone, so that the parent never loads a native library. */
export const services: {
  readonly [Name in ServiceName]: () => Promise<CreateService<ServiceMap[Name]['input'], ServiceMap[Name]['methods']>>;
} = {
  dataset: async () => (await import('../jobs/dataset-service.js')).createDatasetService,
  densities: async () => (await import('../jobs/density-service.js')).createDensityService,
  network: async () => (await import('../compare/network-service.js')).createNetworkService,
  train: async () => (await import('../jobs/training-service.js')).createTrainingService,
  model: async () => (await import('../jobs/model-service.js')).createModelService,
  inference: async () => (await import('../jobs/inference-service.js')).createInferenceService,
  probe: async () => (await import('../setup/probe-service.js')).createProbeService,
  'bench-inference': async () => (await import('../bench/inference-session.js')).createInferenceSession,
  'bench-network': async () => (await import('../compare/inference-service.js')).createNetworkInference,
  'bench-file': async () => (await import('../bench/file-session.js')).createFileSession,
  'sparse-network': async () => (await import('../bench/sparse-network-service.js')).createSparseNetworkService,
  'bench-inference-layers': async () => (await import('../bench/inference-layers.js')).createInferenceLayers,
  'bench-step-ours': async () => (await import('../bench/step-ours.js')).createStepOurs,
  'bench-step-layers': async () => (await import('../bench/step-layers.js')).createStepLayers,
  'bench-peak-rate': async () => (await import('../bench/peak-rate.js')).createPeakRate,
  'profile-inference': async () => (await import('../profiler/inference-service.js')).createProfileInference,
  'profile-training': async () => (await import('../profiler/training-service.js')).createProfileTraining,
  'profile-memory': async () => (await import('../profiler/memory-service.js')).createProfileMemory,
  'machine-rates': async () => (await import('../profiler/machine-rates-service.js')).createMachineRates,
};
