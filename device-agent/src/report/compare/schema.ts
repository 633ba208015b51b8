import { z } from 'zod';
import { conditionsSchema, epochSchema, measurementFields, measurementSchema } from '../schema.js';
import type { BlockedMeasurement, ComparedNetwork, ComparedTraining, NetworkComparison, Trial } from './comparison.js';

const positive = z.number().positive();
const atLeastZero = z.number().nonnegative();
const whole = z.number().int().positive();
const fraction = z.number().min(0).max(1);
const words = z.string().min(1);
const verdict = z.enum(['valid', 'noisy', 'invalid']);
const seed = z.number().int().nonnegative();

const training: z.ZodType<ComparedTraining> = z.strictObject({
  seed,
  run: words,
  accuracy: fraction,
  epochs: z.array(epochSchema).min(1),
  peakRssBytes: positive,
  baselineRssBytes: atLeastZero,
});

const blocked: z.ZodType<BlockedMeasurement> = z
  .strictObject({ ...measurementFields, blockSizes: z.array(whole).min(1) })
  .refine(
    ({ samples, blockSizes }) => blockSizes.reduce((sum, size) => sum + size, 0) === samples.length,
    'the blocks are not all samples',
  );

const trial: z.ZodType<Trial> = z.strictObject({
  stage: z.enum(['trial', 'final']),
  batch: whole,
  runtime: words,
  threads: whole,
  medianMs: positive.nullable(),
  samplesMs: z.array(positive),
  reason: words.nullable(),
});

const network: z.ZodType<ComparedNetwork> = z.strictObject({
  id: words,
  kind: z.enum(['original', 'crop', 'sparse']),
  source: words.nullable(),
  equal: z.enum(['params', 'macs']).nullable(),
  name: words,
  architecture: words,
  widths: z.array(z.strictObject({ group: words, width: whole, originalWidth: whole })),
  params: whole,
  macs: whole,
  mask: z.strictObject({ densities: z.record(z.string(), fraction), effectiveDensity: fraction, collapsed: z.array(words) }).nullable(),
  accuracy: z.strictObject({ mean: fraction, least: fraction, most: fraction, deviation: atLeastZero.nullable() }),
  trainings: z.array(training).min(1),
  trainStep: measurementSchema,
  inference: z.array(blocked),
  trials: z.array(trial),
  peakRssBytes: z.strictObject({ value: positive, baselineBytes: atLeastZero, predictedBytes: positive }),
  disk: z.strictObject({ format: words, bytes: whole, all: z.record(z.string(), whole) }),
});

/** What report.json of a comparison holds: the frame of every `--json` document, the conclusion, and every raw sample. */
export const comparisonSchema: z.ZodType<NetworkComparison> = z.strictObject({
  schemaVersion: z.literal(1),
  command: z.literal('compare'),
  conditions: conditionsSchema,
  setting: z.strictObject({
    density: fraction,
    crops: z.array(words),
    sparse: z.array(words),
    seeds: z.array(seed).min(1),
    align: whole,
    batches: z.array(whole).min(1),
  }),
  steadiness: z.strictObject({ verdict, reasons: z.array(words), samplesMs: z.array(positive), tries: z.number().int().nonnegative() }),
  verdict,
  reasons: z.array(words),
  summary: z.strictObject({
    speedupOverOriginal: positive.nullable(),
    speedupOverSparse: positive.nullable(),
    sparseRuntime: words.nullable(),
    sparse: words.nullable(),
    crop: words.nullable(),
    cropRuntime: words.nullable(),
    batch: whole,
    originalAccuracy: fraction,
    cropAccuracy: fraction.nullable(),
    sparseAccuracy: fraction.nullable(),
    cropMs: positive.nullable(),
    sparseMs: positive.nullable(),
    originalMs: positive.nullable(),
    trainStepSpeedup: positive.nullable(),
    seeds: whole,
  }),
  headline: words,
  conclusion: z.array(words).min(1),
  leftOut: z.array(z.strictObject({ id: words, reason: words })),
  results: z.array(network).min(1),
});
