import type { ErrorData } from '@precrop/sdk/core/errors';
import { z } from 'zod';
import type { Verdict } from '../measure/validity.js';

/** What every number of a document was measured under. */
export interface Conditions {
  readonly device: string;
  /** The runtime or backend asked for, and the one that ran. */
  readonly runtime: string;
  readonly runtimeUsed: string;
  readonly threads: number;
  readonly batch: number;
  /** "mains", "battery 63 %" or "unknown". */
  readonly power: string;
  /** "node", "precrop" and one entry a library. */
  readonly versions: Readonly<Record<string, string>>;
  /** ISO 8601. */
  readonly startedAt: string;
}

/** The named figures of a command: plain numbers in the unit that their name ends with, a few words, null for what was not measured. */
export type Summary = Readonly<Record<string, number | string | boolean | null>>;

/** What a command prints with `--json`: one document on stdout. */
export interface JsonDocument<S = Summary, R = unknown> {
  readonly schemaVersion: 1;
  readonly command: string;
  /** Without threads and batch where nothing was run on the device. */
  readonly conditions: Omit<Conditions, 'threads' | 'batch'> & Partial<Pick<Conditions, 'threads' | 'batch'>>;
  readonly verdict: Verdict;
  /** Sentences; empty when valid. */
  readonly reasons: readonly string[];
  readonly summary: S;
  /** What the summary was computed from, raw samples included. */
  readonly results: readonly R[];
}

/** What a command prints with `--json` when it fails. */
export interface FailureDocument {
  readonly schemaVersion: 1;
  readonly command: string;
  readonly error: ErrorData;
}

const words = z.string().min(1);
const whole = z.number().int().positive();

export const jsonDocumentSchema: z.ZodType<JsonDocument> = z.strictObject({
  schemaVersion: z.literal(1),
  command: words,
  conditions: z.strictObject({
    device: words,
    runtime: words,
    runtimeUsed: words,
    threads: whole.exactOptional(),
    batch: whole.exactOptional(),
    power: words,
    versions: z.record(z.string(), z.string()),
    startedAt: z.iso.datetime({ offset: true }),
  }),
  verdict: z.enum(['valid', 'noisy', 'invalid']),
  reasons: z.array(words),
  summary: z.record(z.string(), z.union([z.number(), z.string(), z.boolean(), z.null()])),
  results: z.array(z.unknown()),
});

export const failureDocumentSchema: z.ZodType<FailureDocument> = z.strictObject({
  schemaVersion: z.literal(1),
  command: words,
  error: z.strictObject({
    code: z.enum([
      'failed',
      'usage',
      'invalid-architecture',
      'invalid-data',
      'backend-unavailable',
      'training-failed',
      'storage-failed',
      'measurement-failed',
      'export-failed',
      'invalid-model-file',
      'budget-infeasible',
      'cancelled',
    ]),
    message: words,
    details: z.record(z.string(), z.unknown()),
  }),
});

/** A document of schema version 1. */
export function createDocument<S, R>(document: Omit<JsonDocument<S, R>, 'schemaVersion'>): JsonDocument<S, R> {
  return { schemaVersion: 1, ...document };
}

/** The document of a command that failed; `toErrorData` makes its error. */
export function createFailureDocument(command: string, error: ErrorData): FailureDocument {
  return { schemaVersion: 1, command, error };
}
