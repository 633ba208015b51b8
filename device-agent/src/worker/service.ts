import type { RunContext } from '@precrop/sdk/core/context';

/** Plain data in, plain data out; typed arrays and maps may cross. */
// biome-ignore lint/suspicious/noExplicitAny: the parameters of methods differ, and have no narrower common type
export type ServiceMethod = (params: any) => Promise<unknown>;

export type ServiceMethods = Readonly<Record<string, ServiceMethod>>;

export type ParametersOf<Method> = Method extends (...params: infer Params) => unknown ? Params : never;
export type ResultOf<Method> = Method extends (...params: never) => Promise<infer Result> ? Result : never;

/** Work that has a process of its own. */
export interface Service<Methods> {
  readonly methods: Methods;
  close?(): Promise<void>;
}

/**
 * Makes a service in its process. The context's events reach the parent's context, and the parent's cancellation its signal. A message is
 * only heard between turns of the event loop: a loop of blocking steps must await `setImmediate` now and then.
 */
export type CreateService<Input, Methods> = (input: Input, context: RunContext) => Promise<Service<Methods>>;
