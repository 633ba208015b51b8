import { UsageError } from '@precrop/sdk/core/errors';
import type { Budget, BudgetName } from '@precrop/sdk/plan/budget';
import { z } from 'zod';

/** A number and the bounds that it keeps to: of a prediction, or of a measurement that is repeated. */
export interface Interval {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** A cost as it was measured. `value` is the median; `samples` are medians of blocks, or one a process, in the order in which they were taken. */
export interface MeasuredCost extends Interval {
  readonly samples: readonly number[];
}

export type Predicted = Readonly<Partial<Record<BudgetName, Interval>>>;

export interface MeasuredNetwork {
  readonly costs: Readonly<Partial<Record<BudgetName, MeasuredCost>>>;
  readonly verdict: 'valid' | 'noisy' | 'invalid';
  /** Sentences; empty when valid. */
  readonly reasons: readonly string[];
}

/** A network that was timed while planning. */
export interface PlanRound {
  /** `sample`: one at random, where the profile knows too little of the architecture. */
  readonly role: 'original' | 'narrowest' | 'sample' | 'candidate';
  readonly widths: Readonly<Record<string, number>>;
  /** Null where nobody asked what it is worth. */
  readonly objective: number | null;
  /** What the model said before it was measured. */
  readonly predicted: Predicted;
  readonly measured: MeasuredNetwork;
  /** The original's costs, timed in turn with it: where they change, it was the machine. */
  readonly reference: Readonly<Partial<Record<BudgetName, Interval>>>;
}

/** Widths that meet a budget on a device, with all that was measured on the way. A file that `--widths` reads too. */
export interface PlanFile {
  readonly schemaVersion: 1;
  readonly kind: 'plan';
  /** ISO 8601. */
  readonly createdAt: string;
  /** Of the registry. */
  readonly architecture: string;
  readonly widths: Readonly<Record<string, number>>;
  /** In absolute numbers. */
  readonly budget: Budget;
  readonly objective: { readonly name: string; readonly value: number };
  readonly align: number;
  readonly growth: number;
  readonly runtime: string;
  readonly batch: number;
  readonly trainBackend: string | null;
  readonly trainBatch: number | null;
  readonly threads: number;
  readonly deviceId: string;
  /** The device in words. */
  readonly device: string;
  readonly status: 'verified' | 'predicted' | 'predicted for another device';
  readonly predicted: Predicted;
  /** Null where it was not verified. */
  readonly measured: MeasuredNetwork | null;
  /** The original's, by the same means. */
  readonly original: { readonly predicted: Predicted; readonly measured: MeasuredNetwork | null };
  /** Every network that was timed, in order. */
  readonly trace: readonly PlanRound[];
  readonly profile: { readonly createdAt: string; readonly hash: string };
}

const words = z.string().min(1);
const whole = z.int().positive();
const interval = z.strictObject({ value: z.number(), low: z.number(), high: z.number() });
const measuredCost = z.strictObject({ value: z.number(), low: z.number(), high: z.number(), samples: z.array(z.number()) });

function perBudget<T>(value: z.ZodType<T>): z.ZodType<Readonly<Partial<Record<BudgetName, T>>>> {
  const each = value.exactOptional();
  return z.strictObject({ latencyMs: each, memoryBytes: each, trainStepMs: each, params: each, macs: each });
}

const predicted = perBudget(interval);
const measuredNetwork: z.ZodType<MeasuredNetwork> = z.strictObject({
  costs: perBudget(measuredCost),
  verdict: z.enum(['valid', 'noisy', 'invalid']),
  reasons: z.array(words),
});
const widths = z.record(z.string(), whole);

export const planFileSchema: z.ZodType<PlanFile> = z.strictObject({
  schemaVersion: z.literal(1),
  kind: z.literal('plan'),
  createdAt: z.iso.datetime({ offset: true }),
  architecture: words,
  widths,
  budget: perBudget(z.number().positive()),
  objective: z.strictObject({ name: words, value: z.number() }),
  align: whole,
  growth: z.number().positive(),
  runtime: words,
  batch: whole,
  trainBackend: words.nullable(),
  trainBatch: whole.nullable(),
  threads: whole,
  deviceId: words,
  device: words,
  status: z.enum(['verified', 'predicted', 'predicted for another device']),
  predicted,
  measured: measuredNetwork.nullable(),
  original: z.strictObject({ predicted, measured: measuredNetwork.nullable() }),
  trace: z.array(
    z.strictObject({
      role: z.enum(['original', 'narrowest', 'sample', 'candidate']),
      widths,
      objective: z.number().nullable(),
      predicted,
      measured: measuredNetwork,
      reference: predicted,
    }),
  ),
  profile: z.strictObject({ createdAt: words, hash: words }),
});

/** @throws UsageError for what is no plan, with the first thing that is wrong. */
export function parsePlanFile(data: unknown, source = 'The file'): PlanFile {
  const { kind, schemaVersion } = z.looseObject({ kind: z.unknown(), schemaVersion: z.unknown() }).partial().catch({}).parse(data);
  if (kind !== 'plan') throw new UsageError(`${source} is no plan. Make one with precrop plan resnet-20 --latency 50% -o plan.json.`);
  if (schemaVersion !== 1) {
    throw new UsageError(`${source} is a plan of schema version ${schemaVersion}, and this release reads version 1. Make it anew.`);
  }
  const parsed = planFileSchema.safeParse(data);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue?.path.length ? ` at "${issue.path.join('.')}"` : '';
  throw new UsageError(`${source} is a damaged plan${where}: ${issue?.message ?? 'it cannot be read'}. Make it anew with precrop plan.`);
}
