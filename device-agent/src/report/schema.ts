import type { EpochRecord } from '@precrop/sdk/core/events';
import { z } from 'zod';
import type { Measurement } from '../measure/measurement.js';
import type { ComparisonReport, Contender, ReportConditions, ReportSummary } from './report.js';

const positive = z.number().positive();
const atLeastZero = z.number().nonnegative();
const whole = z.number().int().positive();
const fraction = z.number().min(0).max(1);
const words = z.string().min(1);
const verdict = z.enum(['valid', 'noisy', 'invalid']);

/** The fields of a repeated measurement, every sample with it: others may be added. */
export const measurementFields: { readonly [Field in keyof Measurement]: z.ZodType<Measurement[Field]> } = {
  unit: z.enum(['ms', 'bytes']),
  median: positive,
  p5: positive,
  p95: positive,
  mad: atLeastZero,
  samples: z.array(positive).min(1),
  verdict,
  reasons: z.array(words),
  runtime: words,
  threads: whole,
  batch: whole,
};

export const measurementSchema: z.ZodType<Measurement> = z.strictObject(measurementFields);

export const epochSchema: z.ZodType<EpochRecord> = z.strictObject({
  epoch: z.number().int().nonnegative(),
  trainLoss: atLeastZero,
  trainAccuracy: fraction,
  testLoss: atLeastZero,
  testAccuracy: fraction,
  learningRate: atLeastZero,
  trainSeconds: atLeastZero,
  evaluateSeconds: atLeastZero,
});

/** One contender of the comparison. */
export const contenderSchema: z.ZodType<Contender> = z.strictObject({
  name: z.enum(['original', 'crop']),
  architecture: words,
  widths: z.array(z.strictObject({ group: words, width: whole, originalWidth: whole })).min(1),
  params: whole,
  macs: whole,
  trainStep: measurementSchema,
  trainStepBoundMs: positive.exactOptional(),
  inference: z.array(measurementSchema),
  peakRssBytes: z.strictObject({ value: positive, baselineBytes: atLeastZero, predictedBytes: positive }),
  accuracy: z.strictObject({ final: fraction, best: fraction }),
  epochs: z.array(epochSchema).min(1),
});

/** The conditions that every number carries. */
export const conditionsSchema: z.ZodType<ReportConditions> = z.strictObject({
  device: words,
  cpu: words,
  cores: whole,
  memoryBytes: whole,
  os: words,
  power: words,
  runtime: words,
  runtimeUsed: words,
  threads: whole,
  batch: whole,
  inference: z.strictObject({ asked: words, tried: z.array(words) }).exactOptional(),
  versions: z.record(z.string(), z.string()),
  startedAt: z.iso.datetime({ offset: true }),
  dataset: z.strictObject({ name: words, source: words, trainImages: whole, testImages: whole, classes: whole }),
  recipe: z.strictObject({
    epochs: whole,
    optimizer: words,
    learningRate: positive,
    schedule: words,
    weightDecay: atLeastZero,
    augmentation: words,
    seed: z.number().int(),
  }),
  crop: words,
});

const summary: z.ZodType<ReportSummary> = z.strictObject({
  paramsRatio: positive,
  macsRatio: positive,
  originalTrainStepMs: positive,
  cropTrainStepMs: positive,
  trainStepSpeedup: positive,
  originalTrainStepTimesBound: positive.nullable(),
  cropTrainStepTimesBound: positive.nullable(),
  inferenceBatch1Speedup: positive.nullable(),
  inferenceBatch128Speedup: positive.nullable(),
  peakRssRatio: positive,
  originalAccuracy: fraction,
  cropAccuracy: fraction,
  accuracyDifference: z.number().min(-1).max(1),
  accuracyResolution: fraction,
  originalTrainSeconds: atLeastZero,
  cropTrainSeconds: atLeastZero,
  equalTimeSeconds: atLeastZero,
  originalAccuracyAtEqualTime: fraction.nullable(),
  cropAccuracyAtEqualTime: fraction.nullable(),
  accuracyDifferenceAtEqualTime: z.number().min(-1).max(1).nullable(),
});

/** What report.json holds: the frame of every `--json` document, and the conclusion. */
export const reportSchema: z.ZodType<ComparisonReport> = z.strictObject({
  schemaVersion: z.literal(1),
  command: z.literal('demo'),
  conditions: conditionsSchema,
  verdict,
  reasons: z.array(words),
  summary,
  conclusion: z.array(words).min(1),
  results: z.tuple([contenderSchema, contenderSchema]),
});
