import { type RunContext, throwIfCancelled } from '@precrop/sdk/core/context';
import type { CoreState } from '@precrop/sdk/cost/device-profile';
import type { Architecture } from '@precrop/sdk/ir/architecture';
import { type CallLimits, timeCall } from '../bench/time-call.js';
import type { TimedInferenceMethods } from '../bench/timed-service.js';
import { countUsableCores } from '../host/usable-cores.js';
import { mostCoresApart } from '../measure/condition-rules.js';
import { createCoreWatch, waitForState } from '../measure/core-state.js';
import { createGuards } from '../measure/guards.js';
import { type InterleaveOptions, runInterleaved } from '../measure/interleave.js';
import { createMeasurement, type Measurement } from '../measure/measurement.js';
import { median } from '../measure/statistics.js';
import { startWorker, type WorkerHandle } from '../worker/start-worker.js';

type Worker = WorkerHandle<TimedInferenceMethods>;

/** Enough to tell runtimes apart that differ by more than they scatter; those that scatter more are equally good. */
const trial: InterleaveOptions = { leastRounds: 3, mostRounds: 3, budgetMs: 0, blockMs: 80 };
const whole: InterleaveOptions = { leastRounds: 3, mostRounds: 10, budgetMs: 8000, blockMs: 400 };
/** For cores that stand otherwise before the first round, and again for rounds in which they were moved. */
const coresPatienceMs = 4000;
const callLimits: CallLimits = { patienceMs: 4000, mostCallMs: 1000 };

/** What a network was planned for: its latency holds there. */
export interface PlannedState {
  readonly batch: number;
  readonly threads: number;
  /** How the cores stood. */
  readonly cores: CoreState | null;
}

export interface InferenceTiming {
  readonly batch: number;
  readonly runtimes: readonly string[];
  /** At the plan's batch, networks run on the plan's threads; at others on all cores. */
  readonly planned?: PlannedState | undefined;
}

interface Candidate<Name> {
  readonly name: Name;
  readonly runtime: string;
  readonly threads: number;
  readonly worker: Worker;
}

/**
 * Inference of each architecture at one batch, each in the runtime where it is fastest by a short trial, in interleaved blocks. Those whose every
 * runtime fails are absent.
 */
export async function timeInference<Name extends string>(
  architectures: Readonly<Record<Name, Architecture>>,
  { batch, runtimes, planned }: InferenceTiming,
  context: RunContext,
): Promise<Partial<Readonly<Record<Name, Measurement>>>> {
  const names = Object.keys(architectures) as Name[];
  const mostThreads = planned?.batch === batch ? planned.threads : countUsableCores();
  const started: Worker[] = [];
  context.emit({ type: 'phase', name: 'trial', message: `inference, batch ${batch}: looking for the fastest runtime` });
  try {
    const candidates: Candidate<Name>[] = [];
    for (const runtime of runtimes) {
      for (const name of names) {
        const worker = await tryStart(architectures[name], { batch, runtime, threads: mostThreads }, context);
        if (!worker) continue;
        started.push(worker);
        candidates.push({ name, runtime, threads: await worker.call('threads'), worker });
      }
    }
    const fastest = await findFastest(candidates, names, context);
    await Promise.all(candidates.filter((each) => !fastest.includes(each)).map(({ worker }) => worker.close()));
    return await timeFastest(fastest, batch, planned?.cores, context);
  } finally {
    await Promise.all(started.map((worker) => worker.close()));
  }
}

/** A process whose call is not too slow; undefined where there is none: another runtime will do. */
async function tryStart(
  architecture: Architecture,
  { batch, runtime, threads }: { readonly batch: number; readonly runtime: string; readonly threads: number },
  context: RunContext,
): Promise<Worker | undefined> {
  let worker: Worker | undefined;
  try {
    worker = await startWorker('bench-inference', { architecture, batch, runtime, threads }, { context, threads });
    const { reason } = await timeCall(worker, callLimits);
    return reason === undefined ? worker : undefined;
  } catch {
    worker?.kill();
    throwIfCancelled(context);
    return undefined;
  }
}

/** Of each name the candidate with the least median in a short trial. */
async function findFastest<Name extends string>(
  candidates: readonly Candidate<Name>[],
  names: readonly Name[],
  context: RunContext,
): Promise<readonly Candidate<Name>[]> {
  const silent = { ...context, emit: () => {} };
  const blocks = await runInterleaved(
    candidates.map(({ worker }, index) => ({ name: `${index}`, time: (count) => worker.call('time', { count }) })),
    trial,
    silent,
  );
  const ranked = candidates
    .map((candidate, index) => ({ candidate, ms: median(blocks.get(`${index}`)?.flat() ?? []) }))
    .toSorted((a, b) => a.ms - b.ms)
    .map(({ candidate }) => candidate);
  return names.flatMap((name) => ranked.find((candidate) => candidate.name === name) ?? []);
}

async function timeFastest<Name extends string>(
  fastest: readonly Candidate<Name>[],
  batch: number,
  base: CoreState | null | undefined,
  context: RunContext,
): Promise<Partial<Readonly<Record<Name, Measurement>>>> {
  const cores = base ? createCoreWatch(context.clock, { base, everyMs: 20 }) : undefined;
  try {
    if (cores) await waitForState(cores, coresPatienceMs, context);
    const guards = createGuards(context.clock, {
      listProcesses: () => fastest.map(({ worker }) => worker),
      cores,
      patienceMs: coresPatienceMs,
    });
    const window = await guards.open();
    const blocks = await runInterleaved(
      fastest.map(({ name, runtime, worker }) => ({
        name: `${name}, inference, batch ${batch}, ${runtime}`,
        time: (count) => worker.call('time', { count }),
      })),
      whole,
      context,
      window,
    );
    const { coresApart = 0, ...conditions } = await window.close();
    const measured = [...blocks.values()].map((each, index) => {
      const { name, runtime, threads } = fastest[index] as Candidate<Name>;
      // both were timed while they stood so: that is told, and no reason to show nothing
      const judged = { ...conditions, coresApart: threads > 1 ? Math.min(coresApart, mostCoresApart) : 0 };
      return [name, createMeasurement(each.flat(), { ...judged, runtime, threads, batch })];
    });
    return Object.fromEntries(measured) as Partial<Record<Name, Measurement>>;
  } finally {
    cores?.close();
  }
}
