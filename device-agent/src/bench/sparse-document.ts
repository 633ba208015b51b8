import type { Host } from '../host/host.js';
import { type Blocks, toRatios } from '../measure/interleave.js';
import { median, quantile } from '../measure/statistics.js';
import { worstVerdict } from '../measure/validity.js';
import { createDocument, type JsonDocument } from '../protocol/json-document.js';
import type { FileLeftOut, FileMeasured } from './measure-files.js';
import { type ChainShape, chainBatch, nameChain } from './sparse-chains.js';
import type { SparseNetwork } from './sparse-network-service.js';
import {
  createRow,
  denseRuntime,
  type Fastest,
  findFastest,
  type SparseChainRow,
  type SparseNetworkRow,
  type SparseRow,
  sparseRuntimes,
  type TimedRow,
} from './sparse-rows.js';

export interface SparseMeasured {
  readonly batches: readonly number[];
  readonly threads: readonly number[];
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
  /**
   * Non-zero work of our engine on one thread, over all chains: all work over all time, by the fastest twentieth of each chain's calls. So is the
   * scaling: like the loop's rate, they tell of engine and machine, and whatever else the machine does only makes them less.
   */
  readonly gflopsPerThread: number | null;
  /** What a plain loop of multiplications and additions reaches on one thread, the fastest of many runs. */
  readonly mulAddGflopsPerThread: number;
  /** How many times as fast the chains are on two threads as on one. */
  readonly twoThreadScaling: number | null;
  /** The same by the medians of the calls. */
  readonly medianGflopsPerThread: number | null;
  readonly medianTwoThreadScaling: number | null;
  readonly density: number;
  readonly effectiveDensity: number;
  /** For each batch B also `fastestSparseRuntimeAtB`, `fastestSparseMsAtB`, `fastestDenseMsAtB` and `sparseSpeedupAtB`. */
  readonly [figure: string]: number | string | null;
}

export type SparseDocument = JsonDocument<SparseSummary, SparseRow>;

/** The document of `bench sparse`. Its verdict is that of the rows that its summary was made of. */
export function createSparseDocument(measured: SparseMeasured): SparseDocument {
  const { batches, network, chains, networks, host, versions, startedAt, clockResolutionMs } = measured;
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
  const fastest = batches.map((batch) => findFastest(networkRows, batch));
  const judged = [
    ...chainRows.filter(({ runtime }) => runtime === sparseRuntimes.ours),
    ...fastest.flatMap(({ sparse, dense }) => [sparse, dense]),
  ];
  const missing = batches.filter((_, index) => !fastest[index]?.sparse).map((batch) => `No sparse runtime ran at batch ${batch}.`);
  return createDocument({
    command: 'bench sparse',
    conditions: {
      device: host.device,
      runtime: [...Object.values(sparseRuntimes), denseRuntime].join(','),
      runtimeUsed: fastest[0]?.sparse?.runtime ?? 'none',
      threads: fastest[0]?.sparse?.threads ?? Math.max(...measured.threads),
      batch: batches[0] ?? 1,
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
        ...batches.map((batch, index) => summariseBatch(batch, fastest[index] ?? {}, networks[index]?.contenders ?? [])),
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

type ChainSummary = Pick<SparseSummary, 'gflopsPerThread' | 'medianGflopsPerThread' | 'twoThreadScaling' | 'medianTwoThreadScaling'>;

/** All chains as one: their work over their time. */
function summariseChains(chains: SparseMeasured['chains']): ChainSummary {
  const work = chains.reduce((sum, { nonZeroMacs }) => sum + 2 * nonZeroMacs * chainBatch, 0);
  const total = (threads: number, toTime: (samples: readonly number[]) => number): number | null => {
    const samples = chains.map(({ contenders }) => contenders.flatMap((each) => (isOurs(each, threads) ? each.blocks.flat() : [])));
    return samples.some(({ length }) => length === 0) ? null : samples.reduce((sum, each) => sum + toTime(each), 0);
  };
  const summarise = (toTime: (samples: readonly number[]) => number): readonly [gflops: number | null, scaling: number | null] => {
    const [one, two] = [total(1, toTime), total(2, toTime)];
    return [one === null ? null : work / one / 1e6, one === null || two === null ? null : one / two];
  };
  const [gflopsPerThread, twoThreadScaling] = summarise((samples) => quantile(samples, 0.05));
  const [medianGflopsPerThread, medianTwoThreadScaling] = summarise(median);
  return { gflopsPerThread, twoThreadScaling, medianGflopsPerThread, medianTwoThreadScaling };
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
