import type { Host } from '../host/host.js';
import { type Blocks, toRatios } from '../measure/interleave.js';
import { createMeasurement } from '../measure/measurement.js';
import { median, quantile } from '../measure/statistics.js';
import { type Verdict, worstVerdict } from '../measure/validity.js';
import { createDocument, type JsonDocument } from '../protocol/json-document.js';
import type { FileLeftOut, FileMeasured } from './measure-files.js';
import type { SparseBench } from './sparse.js';
import { type ChainShape, chainBatch, nameChain } from './sparse-chains.js';
import type { SparseNetwork } from './sparse-network-service.js';

/** Multiplies by zeros: what a sparse runtime has to beat. */
export const denseRuntime = 'onnxruntime/cpu';
/** Every runtime that can leave zeros out. */
export const sparseRuntimes = { ours: 'sparse-wasm', tflite: 'tflite' } as const;

export interface SparseMeasured {
  readonly bench: SparseBench;
  readonly network: SparseNetwork;
  /** Of a plain loop, measured again and again. */
  readonly mulAddGflops: readonly number[];
  readonly chains: readonly {
    readonly shape: ChainShape;
    readonly nonZeroMacs: number;
    readonly contenders: readonly (FileMeasured | FileLeftOut)[];
  }[];
  readonly networks: readonly { readonly batch: number; readonly contenders: readonly (FileMeasured | FileLeftOut)[] }[];
  readonly host: Host;
  readonly versions: Readonly<Record<string, string>>;
  readonly startedAt: Date;
  readonly clockResolutionMs: number;
}

/** Null where nothing ran. */
export interface SparseSummary {
  /** Non-zero work of our engine on one thread, over all chains: all work over all time. */
  readonly gflopsPerThread: number | null;
  /** What a plain loop of multiplications and additions reaches on one thread. */
  readonly mulAddGflopsPerThread: number;
  /** How many times as fast the chains are on two threads as on one. */
  readonly twoThreadScaling: number | null;
  readonly density: number;
  readonly effectiveDensity: number;
  /** For each batch B also `fastestSparseRuntimeAtB`, `fastestSparseMsAtB`, `fastestDenseMsAtB` and `sparseSpeedupAtB`. */
  readonly [figure: string]: number | string | null;
}

interface TimedRow {
  readonly runtime: string;
  /** Whether it leaves zeros out. */
  readonly skipsZeros: boolean;
  readonly threads: number;
  readonly batch: number;
  readonly nonZeroMacs: number;
  /** All numbers are null, and the samples empty, where it was left out. */
  readonly medianMs: number | null;
  readonly p5Ms: number | null;
  readonly p95Ms: number | null;
  /** GFLOP/s of non-zero work, two a multiply-accumulate. */
  readonly gflops: number | null;
  /** Of a logit, from what onnxruntime/cpu gives of the same images. */
  readonly maxAbsoluteDifference: number | null;
  readonly samplesMs: readonly number[];
  readonly blockSizes: readonly number[];
  readonly verdict: Verdict;
  readonly reasons: readonly string[];
  /** A sentence, where there is something to know. */
  readonly note: string | null;
}

export interface SparseNetworkRow extends TimedRow {
  readonly kind: 'network';
}

export interface SparseChainRow extends TimedRow {
  readonly kind: 'layers';
  /** Of each convolution of the chain. */
  readonly shape: string;
}

/** The rate of the plain loop. */
export interface MulAddRow {
  readonly kind: 'multiply-add loop';
  readonly gflops: number;
  readonly samplesGflops: readonly number[];
}

export type SparseRow = SparseNetworkRow | SparseChainRow | MulAddRow;
export type SparseDocument = JsonDocument<SparseSummary, SparseRow>;

/** The document of `bench sparse`. Its verdict is that of the rows that its summary was made of. */
export function createSparseDocument(measured: SparseMeasured): SparseDocument {
  const { bench, network, chains, networks, host, versions, startedAt, clockResolutionMs } = measured;
  const toRow = (contender: FileMeasured | FileLeftOut, batch: number, nonZeroMacs: number, skipsZeros: boolean): TimedRow =>
    createRow(contender, { batch, nonZeroMacs, skipsZeros, clockResolutionMs });
  const chainRows = chains.flatMap(({ shape, nonZeroMacs, contenders }) =>
    contenders.map((each): SparseChainRow => {
      const row = toRow(each, chainBatch, nonZeroMacs, each.runtime === sparseRuntimes.ours);
      return { kind: 'layers', shape: nameChain(shape), ...row };
    }),
  );
  const networkRows = networks.flatMap(({ batch, contenders }) =>
    contenders.map((each): SparseNetworkRow => {
      const isTflite = each.runtime === sparseRuntimes.tflite;
      const skipsZeros = isTflite ? network.tfliteSkipsZeros : each.runtime === sparseRuntimes.ours;
      return { kind: 'network', ...toRow(each, batch, network.nonZeroMacs, skipsZeros), note: isTflite && !skipsZeros ? ranDense : null };
    }),
  );
  const fastest = bench.batches.map((batch) => findFastest(networkRows, batch));
  const judged = [
    ...chainRows.filter(({ runtime }) => runtime === sparseRuntimes.ours),
    ...fastest.flatMap(({ sparse, dense }) => [sparse, dense]),
  ];
  const missing = bench.batches.filter((_, index) => !fastest[index]?.sparse).map((batch) => `No sparse runtime ran at batch ${batch}.`);
  return createDocument({
    command: 'bench sparse',
    conditions: {
      device: host.device,
      runtime: [...Object.values(sparseRuntimes), denseRuntime].join(','),
      runtimeUsed: fastest[0]?.sparse?.runtime ?? 'none',
      threads: fastest[0]?.sparse?.threads ?? Math.max(...bench.threads),
      batch: bench.batches[0] ?? 1,
      power: host.power,
      versions: { ...host.versions, ...versions },
      startedAt: startedAt.toISOString(),
    },
    verdict: worstVerdict([...judged.map((row) => row?.verdict ?? 'valid'), missing.length > 0 ? 'invalid' : 'valid']),
    reasons: [...missing, ...judged.flatMap((row) => row?.reasons.map((reason) => `${nameRow(row)}: ${reason}`) ?? [])],
    summary: {
      ...summariseChains(chains),
      mulAddGflopsPerThread: Math.max(...measured.mulAddGflops),
      density: network.report.density,
      effectiveDensity: network.report.effectiveDensity,
      ...Object.assign(
        {},
        ...bench.batches.map((batch, index) => summariseBatch(batch, fastest[index] ?? {}, networks[index]?.contenders ?? [])),
      ),
    },
    results: [
      ...networkRows,
      ...chainRows,
      { kind: 'multiply-add loop', gflops: Math.max(...measured.mulAddGflops), samplesGflops: measured.mulAddGflops },
    ],
  });
}

const ranDense =
  'TFLite multiplied by the zeros: its sparse kernels are for 1x1 convolutions behind a 3x3 one with stride 2, of which two thirds of the weights are zero.';

interface Fastest {
  readonly sparse?: SparseNetworkRow | undefined;
  readonly dense?: SparseNetworkRow | undefined;
}

/** The rows with the least time at a batch: of the sparse runtimes, and of the dense one. */
export function findFastest(rows: readonly SparseNetworkRow[], batch: number): Fastest {
  const timed = rows
    .filter((row) => row.batch === batch && row.medianMs !== null)
    .toSorted((a, b) => (a.medianMs ?? 0) - (b.medianMs ?? 0));
  const pick = (isDense: boolean): SparseNetworkRow | undefined => {
    const candidates = timed.filter(({ runtime }) => (runtime === denseRuntime) === isDense);
    return candidates.find(({ verdict }) => verdict !== 'invalid') ?? candidates[0];
  };
  return { sparse: pick(false), dense: pick(true) };
}

function createRow(
  contender: FileMeasured | FileLeftOut,
  {
    batch,
    nonZeroMacs,
    skipsZeros,
    clockResolutionMs,
  }: Pick<TimedRow, 'batch' | 'nonZeroMacs' | 'skipsZeros'> & { readonly clockResolutionMs: number },
): TimedRow {
  const { runtime, threads } = contender;
  const what = { runtime, skipsZeros, threads, batch, nonZeroMacs, note: null };
  if ('reason' in contender) return { ...what, ...nothing, reasons: [contender.reason] };
  const { blocks, maxAbsoluteDifference } = contender;
  const {
    median: medianMs,
    p5: p5Ms,
    p95: p95Ms,
    samples,
    verdict,
    reasons,
  } = createMeasurement(blocks.flat(), { runtime, threads, batch, clockResolutionMs });
  return {
    ...what,
    medianMs,
    p5Ms,
    p95Ms,
    gflops: (2 * nonZeroMacs * batch) / medianMs / 1e6,
    maxAbsoluteDifference,
    samplesMs: samples,
    blockSizes: blocks.map(({ length }) => length),
    verdict,
    reasons,
  };
}

const nothing = {
  medianMs: null,
  p5Ms: null,
  p95Ms: null,
  gflops: null,
  maxAbsoluteDifference: null,
  samplesMs: [],
  blockSizes: [],
  verdict: 'invalid',
} as const;

/** All chains as one: their work over their time, by the medians and by the fastest twentieth of the calls. */
function summariseChains(chains: SparseMeasured['chains']): Pick<SparseSummary, 'gflopsPerThread' | 'twoThreadScaling'> {
  const on = (threads: number): readonly (readonly number[])[] =>
    chains.map(({ contenders }) => contenders.flatMap((each) => (isOurs(each, threads) ? each.blocks.flat() : [])));
  const total = (samples: readonly (readonly number[])[], toTime: (samples: readonly number[]) => number): number | null =>
    samples.some(({ length }) => length === 0) ? null : samples.reduce((sum, each) => sum + toTime(each), 0);
  const work = chains.reduce((sum, { nonZeroMacs }) => sum + 2 * nonZeroMacs * chainBatch, 0);
  const [one, two] = [total(on(1), median), total(on(2), median)];
  const least = total(on(1), (samples) => quantile(samples, 0.05));
  return {
    gflopsPerThread: one === null ? null : work / one / 1e6,
    leastTimeGflopsPerThread: least === null ? null : work / least / 1e6,
    twoThreadScaling: one === null || two === null ? null : one / two,
  } as Pick<SparseSummary, 'gflopsPerThread' | 'twoThreadScaling'>;
}

function isOurs(contender: FileMeasured | FileLeftOut, threads: number): contender is FileMeasured {
  return 'blocks' in contender && contender.runtime === sparseRuntimes.ours && contender.threads === threads;
}

/** Who is fastest at a batch, and against the dense runtime: the median of the ratios of the rounds. */
function summariseBatch(
  batch: number,
  { sparse, dense }: Fastest,
  contenders: readonly (FileMeasured | FileLeftOut)[],
): Readonly<Record<string, number | string | null>> {
  const blocksOf = (row: SparseNetworkRow | undefined): Blocks =>
    contenders.flatMap((each) =>
      row && 'blocks' in each && each.runtime === row.runtime && each.threads === row.threads ? each.blocks : [],
    );
  const ratios = toRatios(blocksOf(dense), blocksOf(sparse));
  return {
    [`fastestSparseRuntimeAt${batch}`]: sparse?.runtime ?? null,
    [`fastestSparseMsAt${batch}`]: sparse?.medianMs ?? null,
    [`fastestDenseMsAt${batch}`]: dense?.medianMs ?? null,
    [`sparseSpeedupAt${batch}`]: ratios.length === 0 ? null : median(ratios),
  };
}

function nameRow(row: SparseNetworkRow | SparseChainRow): string {
  const what = row.kind === 'layers' ? row.shape : `batch ${row.batch}`;
  return `${row.runtime}, ${row.threads} ${row.threads === 1 ? 'thread' : 'threads'}, ${what}`;
}
