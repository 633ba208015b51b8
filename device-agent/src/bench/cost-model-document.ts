import { formatPercent } from '@precrop/sdk/core/units';
import { statedCoverage } from '@precrop/sdk/cost/cost-model';
import { median, quantile } from '../measure/statistics.js';
import { type Judgement, type Verdict, worstVerdict } from '../measure/validity.js';
import { createDocument, type JsonDocument } from '../protocol/json-document.js';

export const costKinds = ['latency', 'step', 'memory'] as const;
export type CostKind = (typeof costKinds)[number];

/** A network that was measured after its cost was told from the profile. Milliseconds, or bytes for memory. */
export interface CostModelRow {
  readonly kind: CostKind;
  readonly network: string;
  readonly widths: Readonly<Record<string, number>>;
  readonly isAligned: boolean;
  readonly engine: string;
  readonly batch: number;
  readonly measured: number;
  readonly predicted: number;
  readonly low: number;
  readonly high: number;
  /** Of the prediction against the measurement, as a fraction: above 0 where too much was told. */
  readonly error: number;
  readonly samples: readonly number[];
  readonly verdict: Verdict;
  readonly reasons: readonly string[];
}

/** What networks of the profile take now against the profile, as a ratio in the median; null where none could be timed again. */
export interface ProfileDrift {
  readonly latency: number | null;
  readonly step: number | null;
}

/** Fractions, and ratios for drifts; an error at the profile's speed is what is left without the drift. Null where nothing of the kind was measured. */
export type CostModelSummary = Readonly<
  Record<
    | 'latencyMedianError'
    | 'latencyP90Error'
    | 'stepMedianError'
    | 'stepP90Error'
    | 'memoryMedianError'
    | 'memoryP90Error'
    | 'coverage'
    | 'latencyCoverage'
    | 'stepCoverage'
    | 'memoryCoverage'
    | 'unalignedLatencyMedianError'
    | 'unalignedLatencyP90Error'
    | 'unalignedStepMedianError'
    | 'unalignedStepP90Error'
    | 'latencyDrift'
    | 'stepDrift'
    | 'latencyMedianErrorAtSpeed'
    | 'latencyP90ErrorAtSpeed'
    | 'stepMedianErrorAtSpeed'
    | 'stepP90ErrorAtSpeed',
    number | null
  > & { readonly statedCoverage: number; readonly settings: number; readonly noisyRows: number; readonly invalidRows: number }
>;

export type CostModelDocument = JsonDocument<CostModelSummary, CostModelRow>;

export interface CostModelMeasured {
  readonly conditions: JsonDocument['conditions'];
  readonly rows: readonly CostModelRow[];
  readonly drift: ProfileDrift;
  /** What may be held against the profile. */
  readonly doubts: readonly string[];
  readonly steadiness: Judgement;
}

const mostDoubtful = 0.1;
/** A machine whose speed is farther from its profile's shows itself, and not the model. */
const mostDrift = 0.05;

/** The document of `bench cost-model`. Invalid measurements are in no figure, and widths that are not aligned have figures of their own. */
export function createCostModelDocument({ conditions, rows, drift, doubts, steadiness }: CostModelMeasured): CostModelDocument {
  const kept = rows.filter(({ verdict }) => verdict !== 'invalid');
  const of = (kind: CostKind, isAligned = true): readonly CostModelRow[] =>
    kept.filter((row) => row.kind === kind && row.isAligned === isAligned);
  const aligned = costKinds.flatMap((kind) => of(kind));
  const countOf = (verdict: Verdict): number => rows.filter((row) => row.verdict === verdict).length;
  const doubtful = (countOf('noisy') + countOf('invalid')) / Math.max(1, rows.length);
  const isNoisy = doubtful > mostDoubtful || rows.length === 0;
  const drifts = [...toDriftReasons('Inference', drift.latency), ...toDriftReasons('Training steps', drift.step)];
  const reasons = [
    ...doubts,
    ...drifts,
    ...(isNoisy
      ? [`${formatPercent(doubtful, 0)} of the measurements are noisy or invalid: the machine was not left alone.`, ...steadiness.reasons]
      : []),
  ];
  return createDocument({
    command: 'bench cost-model',
    conditions,
    verdict: worstVerdict([
      isNoisy ? 'noisy' : 'valid',
      doubts.length + drifts.length > 0 ? 'noisy' : 'valid',
      aligned.length === 0 ? 'invalid' : 'valid',
    ]),
    reasons,
    summary: {
      ...toErrors('latency', of('latency')),
      ...toErrors('step', of('step')),
      ...toErrors('memory', of('memory')),
      coverage: toCoverage(aligned),
      statedCoverage,
      latencyCoverage: toCoverage(of('latency')),
      stepCoverage: toCoverage(of('step')),
      memoryCoverage: toCoverage(of('memory')),
      ...toErrors('unalignedLatency', of('latency', false)),
      ...toErrors('unalignedStep', of('step', false)),
      latencyDrift: drift.latency,
      stepDrift: drift.step,
      ...toErrors('latency', of('latency'), 'AtSpeed', drift.latency),
      ...toErrors('step', of('step'), 'AtSpeed', drift.step),
      settings: new Set(rows.map(({ network, widths }) => `${network} ${JSON.stringify(widths)}`)).size,
      noisyRows: countOf('noisy'),
      invalidRows: countOf('invalid'),
    },
    results: rows,
  });
}

export function toCoverage(rows: readonly CostModelRow[]): number | null {
  return rows.length === 0 ? null : rows.filter(({ measured, low, high }) => low <= measured && measured <= high).length / rows.length;
}

/** "Inference of the profile's own networks took 1.07 times as long as in the profile". */
export function describeDrift(what: string, drift: number): string {
  return `${what} of the profile's own networks took ${drift.toFixed(2)} times as long as in the profile`;
}

function toDriftReasons(what: string, drift: number | null): readonly string[] {
  if (drift === null || Math.abs(drift - 1) <= mostDrift) return [];
  return [`${describeDrift(what, drift)}: the machine is ${drift > 1 ? 'slower' : 'faster'} now than it was then.`];
}

type ErrorNames<Name extends string, Suffix extends string> = `${Name}MedianError${Suffix}` | `${Name}P90Error${Suffix}`;

/** @param drift that the predictions are moved by; null: that is not known. */
function toErrors<Name extends string, Suffix extends string = ''>(
  name: Name,
  rows: readonly CostModelRow[],
  suffix = '' as Suffix,
  drift: number | null = 1,
): Readonly<Record<ErrorNames<Name, Suffix>, number | null>> {
  const errors = drift === null ? [] : rows.map(({ error }) => Math.abs(drift * (1 + error) - 1));
  return {
    [`${name}MedianError${suffix}`]: errors.length === 0 ? null : median(errors),
    [`${name}P90Error${suffix}`]: errors.length === 0 ? null : quantile(errors, 0.9),
  } as Readonly<Record<ErrorNames<Name, Suffix>, number | null>>;
}
