import { listBackends } from '@precrop/sdk/backends/registry';
import type { RunContext } from '@precrop/sdk/core/context';
import type { CoreState } from '@precrop/sdk/cost/device-profile';
import { listRuntimes } from '@precrop/sdk/runtimes/registry';
import { createCoreWatch, waitForState } from '../measure/core-state.js';
import { createGuards, type Guards } from '../measure/guards.js';
import type { PowerState } from '../measure/power-state.js';
import type { OwnProcess } from '../measure/process-cpu-time.js';
import { repeatCpuWork } from '../measure/throttling.js';
import { waitUntilSteady } from '../measure/wait-until-steady.js';
import { startWorker, type WorkerHandle } from '../worker/start-worker.js';
import type { EngineTimer, Instruments } from './instruments.js';
import { measureMemory } from './measure-memory.js';
import type { NetworkTimerMethods } from './network-timer.js';
import { timeNetwork } from './time-network.js';

export interface DeviceInstrumentsOptions {
  readonly threads: number;
  readonly power?: PowerState | undefined;
  /** Those that may be tried. Default: all but the one for masked networks. */
  readonly runtimes?: readonly string[] | undefined;
  /** How the cores stand in the state that is measured in: of a profile. Default: as they are at the beginning. */
  readonly state?: CoreState | null | undefined;
  /** For how long the cores may be waited for in all, ms. Default: not at all. */
  readonly mostWaitMs?: number;
}

/** For cores that move while a network is timed, ms each: then it is known less well. What is compared with a profile has to be in its state. */
const patienceMs = 2000;
const patienceWithStateMs = 20_000;

/** Measures on this machine: each engine in a process of its own, everything under one set of guards. */
export function createDeviceInstruments(options: DeviceInstrumentsOptions, context: RunContext): Instruments {
  const { threads, power, runtimes = listDenseRuntimes(), state } = options;
  const running = new Set<OwnProcess>();
  const cores = threads > 1 ? createCoreWatch(context.clock, { base: state, everyMs: 50 }) : undefined;
  const guards = createGuards(context.clock, {
    listProcesses: () => [...running],
    power,
    cores,
    patienceMs: state ? patienceWithStateMs : patienceMs,
  });
  let { mostWaitMs: leftWaitMs = 0 } = options;
  const waitForCores = async (): Promise<void> => {
    if (cores) leftWaitMs = await waitForState(cores, leftWaitMs, context);
  };
  return {
    runtimes,
    backends: listBackends().map(({ name }) => name),
    threads,
    async waitUntilSteady(mostWaitMs) {
      const steadiness = await waitUntilSteady(repeatCpuWork(context.clock), context, {
        load: guards.load,
        speed: guards.speed,
        mostWaitMs,
      });
      // which state it is that is measured in does not matter, if it is one
      if (cores && !state && (await waitForState(cores, mostWaitMs, context)) === 0) cores.settle();
      return steadiness;
    },
    async measureRates(backend) {
      const worker = await startWorker('machine-rates', { backend }, { context, threads });
      try {
        return await worker.call('measure');
      } finally {
        await worker.close();
      }
    },
    async openEngine(purpose, engine, ofEngine = threads) {
      const options = { context, threads: ofEngine };
      const worker =
        purpose === 'inference'
          ? await startWorker('profile-inference', { runtime: engine, threads: ofEngine }, options)
          : await startWorker('profile-training', { backend: engine, threads: ofEngine }, options);
      running.add(worker);
      const close = async (): Promise<void> => {
        running.delete(worker);
        await worker.close();
      };
      return createTimer(worker, engine, { close, waitForCores }, context, guards);
    },
    cores: () => cores?.base() ?? null,
    close: () => cores?.close(),
    measurePeakBytes: async (request) => (await measureMemory(request, context)).peakBytes,
  };
}

/** The sparse engine is for networks of mostly zeros; cropped ones have none. */
function listDenseRuntimes(): readonly string[] {
  return listRuntimes()
    .map(({ name }) => name)
    .filter((name) => name !== 'sparse-wasm');
}

async function createTimer(
  worker: WorkerHandle<NetworkTimerMethods>,
  engine: string,
  { close, waitForCores }: { readonly close: () => Promise<void>; readonly waitForCores: () => Promise<void> },
  context: RunContext,
  guards: Guards,
): Promise<EngineTimer> {
  return {
    engine,
    state: await worker.call('state'),
    async time(request, effort) {
      if (!effort.anyStanding) await waitForCores();
      return timeNetwork(worker, engine, request, effort, context, guards);
    },
    close,
  };
}
