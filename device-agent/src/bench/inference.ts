import type { RunContext } from '@precrop/sdk/core/context';
import { BackendError, UsageError } from '@precrop/sdk/core/errors';
import { formatMs } from '@precrop/sdk/core/units';
import type { Architecture } from '@precrop/sdk/ir/architecture';
import { loadHost } from '../host/host.js';
import { countUsableCores } from '../host/usable-cores.js';
import { measureClockResolution } from '../measure/clock-resolution.js';
import { probeRuntimeLadder } from '../setup/probe-runtime.js';
import { type BatchMeasured, createInferenceDocument, type InferenceDocument } from './inference-document.js';
import { type InferenceLength, measureBatch } from './measure-batch.js';

export interface InferenceBench {
  readonly architecture: Architecture;
  /** The first is the summary's. */
  readonly batches: readonly number[];
  /** Names of the registry: never `auto`. */
  readonly runtimes: readonly string[];
  /** Default: the cores that this process may use. */
  readonly threads?: readonly number[];
  /** How long to measure. */
  readonly length?: Partial<InferenceLength & { readonly limitMs: number }>;
}

const defaultLength: InferenceLength = {
  leastRounds: 4,
  mostRounds: 12,
  blockMs: 300,
  warmUpMs: 1000,
  patienceMs: 10_000,
  mostCallMs: 2000,
};
const limitMsPerBatch = 80_000;

/**
 * Times inference of a network, folded, at each batch in each runtime at each number of threads, beside tfjs-layers' `predict` of the same
 * network and large matrix products for the bound: all of a batch in interleaved blocks, each in its own process. What is too slow for the time
 * that there is, or cannot be used here, is a row with the reason.
 * @throws UsageError for a batch or threads below 1; BackendError where none of the runtimes can be used here.
 */
export async function benchInference(bench: InferenceBench, context: RunContext): Promise<InferenceDocument> {
  const { architecture, batches, runtimes, threads = [countUsableCores()] } = bench;
  for (const [name, values] of Object.entries({ batch: batches, 'number of threads': threads })) {
    const wrong = values.find((value) => !Number.isSafeInteger(value) || value < 1);
    if (wrong !== undefined) throw new UsageError(`The ${name} is ${wrong}, but must be a whole number of at least 1.`);
  }
  const { limitMs = limitMsPerBatch * batches.length, ...length } = { ...defaultLength, ...bench.length };
  const startedAt = new Date();
  context.emit({ type: 'phase', name: 'probe', message: 'Asking each runtime in a process of its own' });
  const [host, probes] = [await loadHost(), await probeRuntimeLadder(context, runtimes)];
  if (!probes.some(({ status }) => status === 'ready' || status === 'limited')) {
    const reasons = probes.map(({ name, status, reason }) => `${name} is ${status}: ${reason}`).join('; ');
    throw new BackendError(`None of these runtimes can be used on this machine: ${reasons}. precrop doctor says what to do.`);
  }

  const start = context.clock();
  const versions: Record<string, string> = {};
  const measured: BatchMeasured[] = [];
  for (const [done, batch] of batches.entries()) {
    const budgetMs = (start + limitMs - context.clock()) / (batches.length - done);
    if (budgetMs > 0)
      measured.push(await measureBatch({ architecture, batch, probes, threads, budgetMs, length, earlier: measured, versions }, context));
    else measured.push(leaveOutBatch(batch, runtimes, threads, limitMs));
  }
  return createInferenceDocument({
    architecture,
    runtimes,
    threads,
    batches: measured,
    host,
    versions,
    startedAt,
    clockResolutionMs: measureClockResolution(context.clock),
  });
}

function leaveOutBatch(batch: number, runtimes: readonly string[], threads: readonly number[], limitMs: number): BatchMeasured {
  const reason = `The ${formatMs(limitMs)} of the whole measurement had passed. Give it longer with --limit.`;
  return {
    batch,
    contenders: runtimes.flatMap((runtime) => threads.map((count) => ({ runtime, threads: count, batch, reason }))),
    peaks: new Map(),
  };
}
