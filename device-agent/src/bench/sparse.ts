import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunContext } from '@precrop/sdk/core/context';
import { UsageError } from '@precrop/sdk/core/errors';
import { writeFile } from '@precrop/sdk/data/write-file';
import type { Architecture } from '@precrop/sdk/ir/architecture';
import { loadHost } from '../host/host.js';
import type { DatasetChoice } from '../jobs/training-description.js';
import { measureClockResolution } from '../measure/clock-resolution.js';
import { startWorker, type WorkerHandle } from '../worker/start-worker.js';
import { type FileContender, type FileLength, measureFiles } from './measure-files.js';
import { chainBatch, chainShapes, nameChain } from './sparse-chains.js';
import { createSparseDocument, type SparseDocument, type SparseMeasured } from './sparse-document.js';
import type { SparseNetwork, SparseNetworkMethods } from './sparse-network-service.js';
import { denseRuntime, sparseRuntimes } from './sparse-rows.js';

export interface SparseBench {
  readonly architecture: Architecture;
  /** Of all prunable weights. */
  readonly density: number;
  /** What chooses them: a criterion or a density method. */
  readonly source: string;
  /** For criteria that look at images. */
  readonly dataset?: DatasetChoice | undefined;
  readonly seed: number;
  /** That scores the weights: never `auto`. */
  readonly backend: string;
  readonly batches: readonly number[];
  readonly threads: readonly number[];
  /** Gets the masked network, as it was timed. */
  readonly exportPath?: string | undefined;
  /** How long to measure a batch, or a chain. */
  readonly length?: Partial<FileLength>;
}

const defaultLength: FileLength = {
  leastRounds: 4,
  mostRounds: 12,
  budgetMs: 20_000,
  blockMs: 250,
  warmUpMs: 500,
  patienceMs: 10_000,
  mostCallMs: 3000,
};
/** Threads of the chains: the scaling is from the first to the last. */
const chainThreads = [1, 2];

/**
 * Times a masked network in every sparse runtime, at each batch and number of threads, beside the same file in ONNX Runtime, which multiplies by its
 * zeros; and our engine in chains of single layers, beside what WebAssembly can do at most. What gives other logits than ONNX Runtime is
 * a row with the reason, and no time.
 * @throws UsageError for a batch or threads below 1.
 */
export async function benchSparse(bench: SparseBench, context: RunContext): Promise<SparseDocument> {
  const { architecture, density, source, dataset, seed, backend, batches, threads } = bench;
  for (const [name, values] of Object.entries({ batch: batches, 'number of threads': threads })) {
    const wrong = values.find((value) => !Number.isSafeInteger(value) || value < 1);
    if (wrong !== undefined) throw new UsageError(`The ${name} is ${wrong}, but must be a whole number of at least 1.`);
  }
  const startedAt = new Date();
  const folder = await mkdtemp(join(tmpdir(), 'precrop-sparse-'));
  let worker: WorkerHandle<SparseNetworkMethods> | undefined;
  try {
    const mask = { source, density, granularity: 'unstructured', redraw: false } as const;
    worker = await startWorker('sparse-network', { architecture, mask, seed, dataset, backend, batches, folder }, { context });
    const network = await worker.call('prepare');
    if (bench.exportPath !== undefined) await writeFile(bench.exportPath, [await readFile(network.onnxPath)]);
    const versions: Record<string, string> = {};
    const measured = await measureAll(bench, network, worker, versions, context);
    return createSparseDocument({
      ...measured,
      network,
      batches,
      threads,
      versions,
      host: await loadHost(),
      startedAt,
      clockResolutionMs: measureClockResolution(context.clock),
    });
  } finally {
    await worker?.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function measureAll(
  bench: SparseBench,
  network: SparseNetwork,
  worker: WorkerHandle<SparseNetworkMethods>,
  versions: Record<string, string>,
  context: RunContext,
): Promise<Pick<SparseMeasured, 'mulAddGflops' | 'chains' | 'networks'>> {
  const length = { ...defaultLength, ...bench.length };
  const mulAddGflops = [await worker.call('mulAddGflops')];
  const chains: SparseMeasured['chains'][number][] = [];
  for (const [index, shape] of chainShapes.entries()) {
    const { path = '', nonZeroMacs = 0 } = network.chains[index] ?? {};
    const engine = chainThreads.map((threads): FileContender => ({ runtime: sparseRuntimes.ours, threads, path }));
    const contenders = [{ runtime: denseRuntime, threads: 1, path }, ...engine];
    const what = nameChain(shape);
    chains.push({
      shape,
      nonZeroMacs,
      contenders: await measureFiles(
        { contenders, batch: chainBatch, length: { ...length, budgetMs: length.budgetMs / 2 }, versions, what },
        context,
      ),
    });
    mulAddGflops.push(await worker.call('mulAddGflops'));
  }
  const networks: SparseMeasured['networks'][number][] = [];
  for (const [index, batch] of bench.batches.entries()) {
    const files = {
      [denseRuntime]: network.onnxPath,
      [sparseRuntimes.ours]: network.onnxPath,
      [sparseRuntimes.tflite]: network.tflitePaths[index] ?? '',
    };
    const contenders = Object.entries(files).flatMap(([runtime, path]) => bench.threads.map((threads) => ({ runtime, threads, path })));
    networks.push({ batch, contenders: await measureFiles({ contenders, batch, length, versions, what: `batch ${batch}` }, context) });
  }
  return { mulAddGflops, chains, networks };
}
