import { setTimeout as pause } from 'node:timers/promises';
import type { RunContext } from '@precrop/sdk/core/context';
import type { CoreState } from '@precrop/sdk/cost/device-profile';
import type { Architecture } from '@precrop/sdk/ir/architecture';
import { createCoreWatch, waitForState } from '../measure/core-state.js';
import { createGuards } from '../measure/guards.js';
import { createLoadWatch, takeLoadSnapshot } from '../measure/machine-load.js';
import type { PowerState } from '../measure/power-state.js';
import { createSpeedWatch, repeatCpuWork } from '../measure/throttling.js';
import { worstVerdict } from '../measure/validity.js';
import { waitUntilSteady } from '../measure/wait-until-steady.js';
import type { NetworkTimerMethods } from '../profiler/network-timer.js';
import type { MeasuredCost } from '../protocol/plan-file.js';
import { startWorker, type WorkerHandle } from '../worker/start-worker.js';
import { type CandidateMeter, countCosts, type MeasuredCandidate } from './candidate-meter.js';
import { createMemoryMeter } from './memory-meter.js';
import type { PlanSetup } from './plan-setup.js';
import { type TimedCandidate, timeBesideOriginal } from './time-beside-original.js';

export interface MeterOptions {
  readonly original: Architecture;
  /** Names of the registries: never `auto`. */
  readonly inference?: PlanSetup['inference'];
  readonly training?: PlanSetup['training'];
  readonly power?: PowerState | string | undefined;
  /** How the cores stood when the profile was made: that is waited for, for a while. */
  readonly cores?: CoreState | null | undefined;
  /** For cores that stand otherwise before a network is timed, and again for cores that are moved meanwhile, ms. Default: 20 s. */
  readonly patienceMs?: number | undefined;
}

/** What each network has: two processes tell how much a process differs from the next. Training needs a second to start. */
const processes = { inference: 2, training: 1 };
/** A round of blocks takes about a second. */
const length = { leastRounds: 6, mostRounds: 12, budgetMs: 1200, blockMs: 40 };
/** Of each process, beside the others: V8 compiles what surrounds a call after about a thousand of them, which then take 10 µs less. */
const warmUpMs = 600;
/** Many threads take longer to be spread over as many cores. */
const toLeadMs = (threads: number): number => (threads > 2 ? 60 : 15);

type Timer = WorkerHandle<NetworkTimerMethods>;

/**
 * Measures candidates on this machine. The original stays in a process of its own and is timed in turn with every candidate, whose processes are
 * fresh; so what the machine does meanwhile happens to both, and a machine that changes is noticed.
 */
export function createMeter(options: MeterOptions, context: RunContext): CandidateMeter {
  const { original, inference, training, power, patienceMs = 20_000 } = options;
  const mostThreads = Math.max(inference?.threads ?? 1, training?.threads ?? 1);
  const quiet: RunContext = { ...context, emit: () => {} };
  const running = new Set<Timer>();
  const load = createLoadWatch(() => takeLoadSnapshot([...running]));
  const speed = createSpeedWatch(context.clock);
  const cores = mostThreads > 1 ? createCoreWatch(context.clock, { base: options.cores, everyMs: 20 }) : undefined;
  const guards = createGuards(context.clock, { listProcesses: () => [...running], power, load, speed, cores, patienceMs });
  const memory = inference && createMemoryMeter(inference, quiet);
  const references = new Map<keyof typeof processes, Promise<Timer>>();

  async function open(purpose: keyof typeof processes, architecture: Architecture): Promise<Timer> {
    const { threads = 1 } = (purpose === 'inference' ? inference : training) ?? {};
    const asked = { context: quiet, threads };
    const worker =
      purpose === 'inference'
        ? await startWorker('profile-inference', { runtime: inference?.runtime ?? '', threads }, asked)
        : await startWorker('profile-training', { backend: training?.backend ?? '', threads }, asked);
    running.add(worker);
    await worker.call('open', { architecture, batch: (purpose === 'inference' ? inference : training)?.batch ?? 1 });
    await worker.call('time', { count: 1, leadMs: warmUpMs });
    return worker;
  }
  function shut(worker: Timer): void {
    worker.kill(); // it has told what it is for
    running.delete(worker);
  }
  function reference(purpose: keyof typeof processes): Promise<Timer> {
    const opened = references.get(purpose) ?? open(purpose, original);
    references.set(purpose, opened);
    return opened;
  }
  /** @param meanwhile what may run while processes start, and not while they are timed */
  async function time(purpose: keyof typeof processes, architecture: Architecture, meanwhile?: Promise<unknown>): Promise<TimedCandidate> {
    const fresh = await Promise.all(Array.from({ length: processes[purpose] }, () => open(purpose, architecture)));
    const [beside] = await Promise.all([reference(purpose), meanwhile]);
    try {
      if (cores && (await waitForState(cores, patienceMs, context)) === 0) cores.settle();
      return await timeBesideOriginal(beside, fresh, { ...length, leadMs: toLeadMs(mostThreads) }, quiet, guards);
    } finally {
      fresh.forEach(shut);
    }
  }

  return {
    async measure(architecture, names, budget) {
      const costs: Record<string, MeasuredCost> = { ...countCosts(architecture) };
      const found: Record<string, MeasuredCandidate['reference'][keyof MeasuredCandidate['reference']]> = {};
      const judgements: TimedCandidate['judgement'][] = [];
      const keep = (name: string, timed: TimedCandidate): void => {
        costs[name] = timed.cost;
        found[name] = timed.reference;
        judgements.push(timed.judgement);
      };
      const bytes = memory && names.includes('memoryBytes') ? memory.measure(architecture, budget?.memoryBytes) : undefined;
      bytes?.catch(() => {}); // told below
      if (inference && names.includes('latencyMs')) keep('latencyMs', await time('inference', architecture, bytes));
      if (bytes) costs['memoryBytes'] = await bytes;
      if (training && names.includes('trainStepMs')) keep('trainStepMs', await time('training', architecture));
      return {
        measured: {
          costs,
          verdict: worstVerdict(judgements.map(({ verdict }) => verdict)),
          reasons: [...new Set(judgements.flatMap(({ reasons }) => reasons))],
        },
        reference: found,
      };
    },
    async settle(leastMs = 0) {
      await pause(leastMs, undefined, { signal: context.signal }).catch(() => {}); // a cancel is heard below
      await waitUntilSteady(repeatCpuWork(context.clock), context, { load, speed });
    },
    async close() {
      cores?.close();
      await Promise.all([...references.values()].map((each) => each.then(shut).catch(() => {})));
      for (const worker of running) worker.kill();
    },
  };
}
