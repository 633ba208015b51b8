import type { StepInput, TimedMethods } from '../bench/timed-service.js';
import type { CreateService } from './service.js';

/** Every service, its input and its methods. A new one joins here and in `services`. */
export interface ServiceMap {
  'bench-step-ours': { input: StepInput; methods: TimedMethods };
}

export type ServiceName = keyof ServiceMap;

/** Imported in the worker alone, so that the parent never loads a native library. */
export const services: {
  readonly [Name in ServiceName]: () => Promise<CreateService<ServiceMap[Name]['input'], ServiceMap[Name]['methods']>>;
} = {
  'bench-step-ours': async () => (await import('../bench/step-ours.js')).createStepOurs,
};
