import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PrimitiveKind } from '@precrop/sdk/ir/lowering';
import type { Optimizer } from '@precrop/sdk/program/optimizer';

/** A primitive's numbers as an independent framework computed them; `test/golden/primitives/make-golden.py` says how. */
export interface GoldenCase {
  readonly name: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly batch: number;
  readonly inputs: readonly { readonly shape: readonly number[]; readonly dtype: 'float32' | 'int32'; readonly data: string }[];
  readonly outputs: readonly string[];
  /** Gradient of each output; null where it is not propagated. All null: the primitive has no gradient. */
  readonly upstream: readonly (string | null)[];
  /** Gradient of each input; null where it is a constant to the gradient. */
  readonly gradients: readonly (string | null)[];
  /** Some inputs are functions of others, as batch statistics are: a gradient holds what goes through them, a difference would not. */
  readonly dependent?: boolean;
  /** A backend may refuse the case in a sentence. */
  readonly refusable?: boolean;
}

/** Several steps of an optimizer on one variable. */
export interface OptimizerCase {
  readonly name: string;
  readonly optimizer: Optimizer;
  readonly shape: readonly number[];
  readonly initial: string;
  readonly learningRates: readonly number[];
  readonly gradients: readonly string[];
  /** The variable after each step. */
  readonly after: readonly string[];
}

const directory = join(import.meta.dirname, '../../golden'); // seen from test/dist/conformance

/** Cases by primitive. */
export function loadPrimitiveCases(): ReadonlyMap<PrimitiveKind, readonly GoldenCase[]> {
  const { primitives } = readGolden<{ primitives: Record<PrimitiveKind, readonly GoldenCase[]> }>('primitives/primitives.json');
  return new Map(Object.entries(primitives) as [PrimitiveKind, readonly GoldenCase[]][]);
}

export function loadOptimizerCases(): readonly OptimizerCase[] {
  return readGolden<{ cases: readonly OptimizerCase[] }>('primitives/optimizers.json').cases;
}

/** A JSON file of test/golden. */
export function readGolden<T>(path: string): T {
  return JSON.parse(readFileSync(join(directory, path), 'utf8')) as T;
}

/** Numbers from base64 of little-endian float32. */
export function decode(data: string): Float32Array {
  return new Float32Array(new Uint8Array(Buffer.from(data, 'base64')).buffer);
}
