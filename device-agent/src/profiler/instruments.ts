import type { CoreState } from '@precrop/sdk/cost/device-profile';
import type { Purpose } from '@precrop/sdk/cost/kernels';
import type { Judgement } from '../measure/validity.js';
import type { MachineRatesAnswer } from './machine-rates-service.js';
import type { MemoryRequest } from './measure-memory.js';
import type { EngineState, NetworkRequest } from './network-timer.js';
import type { Effort, NetworkTiming } from './time-network.js';

/** All that the schedule measures with. */
export interface Instruments {
  /** Runtimes that may be tried, the one that is thought to be the fastest first; and backends likewise. */
  readonly runtimes: readonly string[];
  readonly backends: readonly string[];
  readonly threads: number;
  waitUntilSteady(mostWaitMs: number): Promise<Judgement>;
  measureRates(backend: string | undefined): Promise<MachineRatesAnswer>;
  /** @param threads default: `threads` above. @throws BackendError where the engine cannot be used here. */
  openEngine(purpose: Purpose, engine: string, threads?: number): Promise<EngineTimer>;
  /** Bytes of one fresh process. */
  measurePeakBytes(request: Omit<MemoryRequest, 'processes'>): Promise<number>;
  /** How two cores stand to each other in the state that is measured in; null where that is not known. */
  cores(): CoreState | null;
  close(): void;
}

/** A runtime or a backend that times one network after the other. */
export interface EngineTimer {
  readonly engine: string;
  readonly state: EngineState;
  time(request: NetworkRequest, effort: Effort): Promise<NetworkTiming>;
  close(): Promise<void>;
}
