import type { Architecture } from '@precrop/sdk/ir/architecture';
import { countArchitecture } from '@precrop/sdk/ir/count';
import type { Host } from '../host/host.js';
import { type Blocks, toRatios } from '../measure/interleave.js';
import { median, quantile } from '../measure/statistics.js';
import { worstVerdict } from '../measure/validity.js';
import { createDocument, type JsonDocument } from '../protocol/json-document.js';
import { peakMacs } from './peak-program.js';
import { type TimedColumns, toTimedColumns, toUntimedColumns } from './timed-columns.js';

/** The reference among the runtimes: tfjs-layers' `predict` on tfjs-node. */
export const layersName = 'tfjs-layers';

/** A runtime at a batch. Threads are as used, or as asked for where it did not run. */
interface Setting {
  readonly runtime: string;
  readonly threads: number;
  readonly batch: number;
}

export interface RuntimeMeasured extends Setting {
  readonly blocks: Blocks;
}

export interface RuntimeLeftOut extends Setting {
  /** A sentence. */
  readonly reason: string;
}

/** What was measured at one batch, all in the same interleaved rounds. */
export interface BatchMeasured {
  readonly batch: number;
  readonly contenders: readonly (RuntimeMeasured | RuntimeLeftOut)[];
  /** Of large matrix products, by threads. */
  readonly peaks: ReadonlyMap<number, Blocks>;
}

export interface InferenceMeasured {
  readonly architecture: Architecture;
  readonly runtimes: readonly string[];
  readonly threads: readonly number[];
  /** In the order in which they were asked for, at least one. */
  readonly batches: readonly BatchMeasured[];
  readonly host: Host;
  readonly versions: Readonly<Record<string, string>>;
  readonly startedAt: Date;
  readonly clockResolutionMs: number;
}

/** Of the first batch. Null where nothing ran, or tfjs-layers cannot run the network here. */
export interface InferenceSummary {
  readonly fastestRuntime: string | null;
  readonly fastestMs: number | null;
  /** Against tfjs-layers at its own best number of threads: the median of the ratios of the rounds. */
  readonly speedupOverTfjsLayers: number | null;
  readonly [figure: string]: number | string | null;
}

/** Figures of a row are null where it was left out. */
export interface InferenceRow extends Setting, TimedColumns {
  readonly imagesPerSecond: number | null;
  /** The MACs at the rate of the fastest matrix products of the same rounds and threads; null where those did not run. */
  readonly boundMs: number | null;
  readonly timesBound: number | null;
  readonly speedupOverTfjsLayers: number | null;
}

export type InferenceDocument = JsonDocument<InferenceSummary, InferenceRow>;

/** The document of `bench inference`. Its summary is that of the first batch; its verdict that of each batch's fastest row and reference. */
export function createInferenceDocument(measured: InferenceMeasured): InferenceDocument {
  const { host, batches, versions, startedAt } = measured;
  const rows = batches.flatMap((each) => toRows(each, measured));
  const first = batches[0]?.batch ?? 1;
  const fastest = findFastest(rows, first);
  const judged = batches.flatMap(({ batch }) => [findFastest(rows, batch), findReference(rows, batch)]).filter((row) => row !== undefined);
  const untimed = batches.filter(({ batch }) => !findFastest(rows, batch)).map(({ batch }) => `Nothing could be timed at batch ${batch}.`);
  return createDocument({
    command: 'bench inference',
    conditions: {
      device: host.device,
      runtime: measured.runtimes.join(','),
      runtimeUsed: fastest?.runtime ?? 'none',
      threads: fastest?.threads ?? Math.max(...measured.threads),
      batch: first,
      power: host.power,
      versions: { ...host.versions, ...versions },
      startedAt: startedAt.toISOString(),
    },
    verdict: worstVerdict([...judged.map(({ verdict }) => verdict), untimed.length > 0 ? 'invalid' : 'valid']),
    reasons: [
      ...untimed,
      ...judged.flatMap((row) =>
        row.reasons.map(
          (reason) => `${row.runtime}, ${row.threads} ${row.threads === 1 ? 'thread' : 'threads'}, batch ${row.batch}: ${reason}`,
        ),
      ),
    ],
    summary: {
      fastestRuntime: fastest?.runtime ?? null,
      fastestMs: fastest?.medianMs ?? null,
      speedupOverTfjsLayers: fastest?.speedupOverTfjsLayers ?? null,
    },
    results: rows,
  });
}

/** The row with the least time at a batch, the reference excluded; an invalid time only where there is no other. */
export function findFastest(rows: readonly InferenceRow[], batch: number): InferenceRow | undefined {
  return findLeast(rows.filter((row) => row.batch === batch && row.runtime !== layersName));
}

function findReference(rows: readonly InferenceRow[], batch: number): InferenceRow | undefined {
  return findLeast(rows.filter((row) => row.batch === batch && row.runtime === layersName));
}

function findLeast(rows: readonly InferenceRow[]): InferenceRow | undefined {
  const timed = rows.filter(({ medianMs }) => medianMs !== null).toSorted((a, b) => (a.medianMs ?? 0) - (b.medianMs ?? 0));
  return timed.find(({ verdict }) => verdict !== 'invalid') ?? timed[0];
}

function toRows({ batch, contenders, peaks }: BatchMeasured, measured: InferenceMeasured): readonly InferenceRow[] {
  const macs = batch * countArchitecture(measured.architecture).macs;
  const layers = contenders
    .filter((each) => 'blocks' in each)
    .filter(({ runtime }) => runtime === layersName)
    .toSorted((a, b) => median(a.blocks.flat()) - median(b.blocks.flat()))[0];
  return contenders.map((each): InferenceRow => {
    const { runtime, threads } = each;
    if ('reason' in each) return { runtime, threads, batch, ...nothing, ...toUntimedColumns(each.reason) };
    const conditions = { runtime, threads, batch, clockResolutionMs: measured.clockResolutionMs };
    const timed = toTimedColumns(each.blocks, conditions);
    const { medianMs } = timed;
    const peak = peaks.get(threads)?.flat();
    const boundMs = peak && peak.length > 0 ? (macs / peakMacs) * quantile(peak, 0.05) : null;
    return {
      runtime,
      threads,
      batch,
      ...timed,
      imagesPerSecond: (1000 * batch) / medianMs,
      boundMs,
      timesBound: boundMs === null ? null : medianMs / boundMs,
      speedupOverTfjsLayers: layers ? median(toRatios(layers.blocks, each.blocks)) : null,
    };
  });
}

const nothing = { imagesPerSecond: null, boundMs: null, timesBound: null, speedupOverTfjsLayers: null } as const;
