import type { RunContext } from '@precrop/sdk/core/context';
import { UsageError } from '@precrop/sdk/core/errors';
import type { Architecture } from '@precrop/sdk/ir/architecture';
import { loadHost } from '../host/host.js';
import { countUsableCores } from '../host/usable-cores.js';
import { measureClockResolution } from '../measure/clock-resolution.js';
import { type Contender, type InterleaveOptions, runInterleaved } from '../measure/interleave.js';
import { startWorker, type WorkerHandle } from '../worker/start-worker.js';
import type { TimedMethods } from './timed-service.js';
import { type ContenderMeasured, type ContenderName, createTrainStepDocument, type TrainStepDocument } from './train-step-document.js';

export interface TrainStepBench {
  readonly architecture: Architecture;
  readonly batch: number;
  /** Of the native library. Default: the cores that this process may use. */
  readonly threads?: number;
  /** How long to measure. The default takes about 75 s, and longer where four rounds do. */
  readonly length?: Partial<InterleaveOptions>;
}

const defaultLength: InterleaveOptions = { leastRounds: 4, mostRounds: 12, budgetMs: 75_000, blockMs: 1500 };

/**
 * Times our training step against tfjs-layers' `trainOnBatch` of the same network, in interleaved blocks, each in its own process, with
 * large matrix products between them for the bound.
 * @throws UsageError for a batch or threads below 1; BackendError where tfjs-node or tfjs-layers cannot run the network here.
 */
export async function benchTrainStep(bench: TrainStepBench, context: RunContext): Promise<TrainStepDocument> {
  const { architecture, batch, threads = countUsableCores() } = bench;
  for (const [name, value] of Object.entries({ batch, threads })) {
    if (!Number.isSafeInteger(value) || value < 1)
      throw new UsageError(`The ${name} is ${value}, but must be a whole number of at least 1.`);
  }
  const startedAt = new Date();
  const host = await loadHost();
  const workers = new Map<ContenderName, WorkerHandle<TimedMethods>>();
  try {
    const options = { context, threads };
    const backend = 'tensorflow-graph';
    context.emit({ type: 'phase', name: 'start', message: 'Starting a process for each contender' });
    workers.set('peak-rate', await startWorker('bench-peak-rate', { backend }, options));
    workers.set('ours', await startWorker('bench-step-ours', { architecture, batch, backend }, options));
    workers.set('tfjs-layers', await startWorker('bench-step-layers', { architecture, batch, backend }, options));
    const measured = await measureContenders(workers, { ...defaultLength, ...bench.length }, context);
    const clockResolutionMs = measureClockResolution(context.clock);
    return createTrainStepDocument({ architecture, batch, threads, host, startedAt, clockResolutionMs, ...measured });
  } finally {
    await Promise.all([...workers.values()].map((worker) => worker.close()));
  }
}

async function measureContenders(
  workers: ReadonlyMap<ContenderName, WorkerHandle<TimedMethods>>,
  length: InterleaveOptions,
  context: RunContext,
): Promise<{
  readonly versions: Readonly<Record<string, string>>;
  readonly contenders: Readonly<Record<ContenderName, ContenderMeasured>>;
}> {
  const versions: Record<string, string> = {};
  const baselines = new Map<string, number>();
  const contenders: Contender[] = [];
  for (const [name, worker] of workers) {
    Object.assign(versions, await worker.call('versions'));
    baselines.set(name, (await worker.peakRss()).rssBytes);
    await worker.restartPeakRss();
    contenders.push({ name, time: (count) => worker.call('time', { count }) });
  }
  const blocks = await runInterleaved(contenders, length, context);
  const measured: [string, ContenderMeasured][] = [];
  for (const [name, worker] of workers) {
    const { peakRssBytes } = await worker.peakRss();
    measured.push([name, { blocks: blocks.get(name) ?? [], baselineRssBytes: baselines.get(name) ?? 0, peakRssBytes }]);
  }
  return { versions, contenders: Object.fromEntries(measured) as Record<ContenderName, ContenderMeasured> };
}
