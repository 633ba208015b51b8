import { formatBytes, formatCount, formatMs } from '@precrop/sdk/core/units';
import type { Measurement } from '../measure/measurement.js';
import type { Verdict } from '../measure/validity.js';
import type { Contender } from './report.js';

/** A value and its 5th and 95th percentile; all three are equal where nothing is measured. */
export interface Spread {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** One cost of the original beside the crop's. Lower is better in all of them. */
export interface Comparison {
  readonly id: string;
  readonly kind: 'params' | 'macs' | 'trainStep' | 'inference' | 'peakMemory';
  readonly label: string;
  /** What was run where, in words. */
  readonly setting: string;
  /** What ran it, in words: one name, or two where each contender has its own. Absent where nothing ran. */
  readonly runtime?: string;
  readonly format: (value: number) => string;
  readonly original: Spread;
  readonly crop: Spread;
  /** crop ÷ original: below 1 is won. */
  readonly ratio: number;
  readonly batch?: number;
  readonly verdict: Verdict;
  readonly reasons: readonly string[];
}

/** Every cost that both contenders have, in the order of table and chart. */
export function toComparisons(original: Contender, crop: Contender): readonly Comparison[] {
  return [
    exact('params', 'Parameters', 'counted', formatCount, original.params, crop.params),
    exact('macs', 'MACs', 'counted, one image forward', formatCount, original.macs, crop.macs),
    timed('trainStep', 'Training step', original.trainStep, crop.trainStep),
    ...pairInference(original, crop).map(([one, other]) => timed('inference', `Inference, batch ${one.batch}`, one, other)),
    exact('peakMemory', 'Peak memory', 'resident, whole process', formatBytes, original.peakRssBytes.value, crop.peakRssBytes.value),
  ];
}

/** Equal settings side by side; at a batch without any, the fastest of each: two runtimes, but each contender at its best. */
function pairInference(original: Contender, crop: Contender): readonly (readonly [Measurement, Measurement])[] {
  const batches = [...new Set(original.inference.map(({ batch }) => batch))];
  return batches.flatMap((batch) => {
    const [ones, others] = [original, crop].map(({ inference }) => inference.filter((each) => each.batch === batch));
    const equal = (ones ?? []).flatMap((one): (readonly [Measurement, Measurement])[] => {
      const other = others?.find((candidate) => isSameSetting(candidate, one));
      return other ? [[one, other]] : [];
    });
    const [one, other] = [ones, others].map((list) => list?.toSorted((a, b) => a.median - b.median)[0]);
    return equal.length > 0 || !one || !other ? equal : [[one, other]];
  });
}

/** Inference at a batch in the runtime where the original is fastest: the comparison that flatters the crop least. */
export function fastestInference(comparisons: readonly Comparison[], batch: number): Comparison | undefined {
  return comparisons
    .filter((each) => each.kind === 'inference' && each.batch === batch && each.verdict !== 'invalid')
    .reduce<Comparison | undefined>((best, each) => (best && best.original.value <= each.original.value ? best : each), undefined);
}

/** Of two verdicts the worse. */
export function worseVerdict(a: Verdict, b: Verdict): Verdict {
  const order: readonly Verdict[] = ['valid', 'noisy', 'invalid'];
  return order[Math.max(order.indexOf(a), order.indexOf(b))] ?? 'invalid';
}

function exact(
  kind: Comparison['kind'],
  label: string,
  setting: string,
  format: (value: number) => string,
  original: number,
  crop: number,
): Comparison {
  return {
    id: kind,
    kind,
    label,
    setting,
    format,
    original: { value: original, low: original, high: original },
    crop: { value: crop, low: crop, high: crop },
    ratio: crop / original,
    verdict: 'valid',
    reasons: [],
  };
}

function timed(kind: Comparison['kind'], label: string, original: Measurement, crop: Measurement): Comparison {
  const { runtime, batch } = original;
  const ran = [...new Set([original, crop].map(toWords))];
  return {
    id: `${kind}-${runtime}-${batch}`,
    kind,
    label,
    setting: `${ran.length === 1 ? ran[0] : `original on ${ran[0]}, crop on ${ran[1]}`}, batch ${batch}`,
    runtime: runtime === crop.runtime ? runtime : `${runtime} against ${crop.runtime}`,
    format: original.unit === 'ms' ? formatMs : formatBytes,
    original: toSpread(original),
    crop: toSpread(crop),
    ratio: crop.median / original.median,
    batch,
    verdict: worseVerdict(original.verdict, crop.verdict),
    reasons: [original, crop].flatMap((each, index) =>
      each.reasons.map((reason) => `${index === 0 ? 'original' : 'crop'}: ${toClause(reason)}`),
    ),
  };
}

function toWords({ runtime, threads }: Measurement): string {
  return `${runtime}, ${threads} ${threads === 1 ? 'thread' : 'threads'}`;
}

function toSpread(measured: Measurement): Spread {
  return { value: measured.median, low: measured.p5, high: measured.p95 };
}

function isSameSetting(a: Measurement, b: Measurement): boolean {
  return a.runtime === b.runtime && a.threads === b.threads && a.batch === b.batch;
}

/** A sentence without its full stop, to stand in another. */
function toClause(sentence: string): string {
  return sentence.replace(/\.$/, '');
}
