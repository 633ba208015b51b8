import { CancelledError, PreCropError, toErrorData } from '@precrop/sdk/core/errors';
import { createRng } from '@precrop/sdk/core/rng';
import { normalizePixels } from '@precrop/sdk/runtimes/rank-classes';
import type { ModelFacts, ModelMethods } from '../jobs/model-service.js';
import { startWorker, type WorkerHandle } from '../worker/start-worker.js';
import type { Session } from './command-line.js';

/** Whether a written file computes what its source does. */
export type ExportCheck =
  | {
      readonly status: 'checked';
      readonly runtime: string;
      readonly version: string;
      readonly threads: number;
      readonly images: number;
      /** Of a logit. */
      readonly maxAbsoluteDifference: number;
      /** The same, as a share of the largest logit, or of 1. */
      readonly maxRelativeDifference: number;
    }
  /** The reason is a sentence. */
  | { readonly status: 'unchecked'; readonly reason: string };

/**
 * Feeds noise to the file, in the best runtime that loads it here, and to its source, in the best backend. Either may crash: then the check
 * says so. @param isBaked whether the file normalises pixels itself.
 */
export async function checkExport(
  path: string,
  isBaked: boolean,
  model: WorkerHandle<ModelMethods>,
  { architecture, metadata }: Pick<ModelFacts, 'architecture' | 'metadata'>,
  { context }: Pick<Session, 'context'>,
): Promise<ExportCheck> {
  const images = architecture.input[0] > 64 ? 1 : 4;
  const size = architecture.input.reduce((product, extent) => product * extent, images);
  const rng = createRng(1);
  const pixels = Float32Array.from({ length: size }, () => rng.uniform());
  const normalized = normalizePixels(pixels, metadata.normalization);
  try {
    const runtime = await startWorker('inference', { path, runtime: 'auto' }, { context });
    try {
      const used = await runtime.call('facts');
      const got = await runtime.call('infer', isBaked ? pixels : normalized);
      const wanted = await model.call('logits', normalized);
      return { status: 'checked', runtime: used.runtime, version: used.version, threads: used.threads, images, ...compare(got, wanted) };
    } finally {
      runtime.kill();
    }
  } catch (error) {
    if (error instanceof CancelledError || context.signal.aborted) throw new CancelledError(undefined, { cause: error });
    if (!(error instanceof PreCropError) || error.code === 'failed') throw error;
    return { status: 'unchecked', reason: toErrorData(error).message };
  }
}

function compare(
  got: Float32Array,
  wanted: Float32Array,
): { readonly maxAbsoluteDifference: number; readonly maxRelativeDifference: number } {
  let [difference, largest] = [0, 1];
  for (let index = 0; index < Math.max(got.length, wanted.length); index++) {
    const [a, b] = [got[index] ?? Number.NaN, wanted[index] ?? Number.NaN];
    difference = Math.max(difference, Number.isNaN(a - b) ? Number.MAX_VALUE : Math.abs(a - b));
    largest = Math.max(largest, Math.abs(b));
  }
  return { maxAbsoluteDifference: difference, maxRelativeDifference: difference / largest };
}
