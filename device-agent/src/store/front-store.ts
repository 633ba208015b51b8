import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hashOf } from '@precrop/sdk/core/hash';
import { writeFile } from '@precrop/sdk/data/write-file';
import { budgetNames, type Cost } from '@precrop/sdk/plan/budget';
import type { Front } from '@precrop/sdk/plan/front';
import type { Candidate } from '@precrop/sdk/plan/result';
import { z } from 'zod';
import { cacheDirectory } from '../setup/cache-directory.js';

/** All that a front depends on. */
export interface FrontKey {
  readonly architecture: string;
  /** With the densities, where it is made of some. */
  readonly objective: unknown;
  readonly align: number;
  readonly growth: number;
  readonly inference: unknown;
  readonly training: unknown;
  readonly profileHash: string;
}

const numbers = z.array(z.number());
/** Widths in the order of `groups`, the objective, and costs in the order of `costs`. */
const row = z.tuple([numbers, z.number(), numbers]);
const schema = z.strictObject({
  schemaVersion: z.literal(1),
  architecture: z.string(),
  objective: z.string(),
  align: z.number(),
  growth: z.number(),
  groups: z.array(z.string()),
  costs: z.array(z.enum(['latencyMs', 'memoryBytes', 'trainStepMs', 'params', 'macs'])),
  original: row,
  candidates: z.array(row),
});

/** The front that was found before, or undefined: it is quick to find anew. */
export async function loadFront(key: FrontKey, directory?: string): Promise<Front | undefined> {
  const text = await readFile(toPath(key, directory), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return parseFront(JSON.parse(text));
  } catch {
    return undefined; // damaged, or of another release
  }
}

/** Whole or not at all. @throws StorageError where it cannot be written. */
export async function saveFront(key: FrontKey, front: Front, directory?: string): Promise<void> {
  await writeFile(toPath(key, directory), [`${JSON.stringify(toJson(front))}\n`]);
}

function toPath(key: FrontKey, directory = cacheDirectory()): string {
  return join(directory, 'fronts', `${hashOf(key).slice(0, 20)}.json`);
}

function toJson({ original, candidates, ...rest }: Front): z.infer<typeof schema> {
  const groups = [...original.widths.keys()];
  const costs = budgetNames.filter((name) => original.cost[name] !== undefined);
  const toRow = ({ widths, objective, cost }: Candidate): z.infer<typeof row> => [
    groups.map((name) => widths.get(name) ?? 0),
    objective,
    costs.map((name) => cost[name] ?? 0),
  ];
  return { schemaVersion: 1, ...rest, groups, costs, original: toRow(original), candidates: candidates.map(toRow) };
}

function parseFront(data: unknown): Front {
  const { schemaVersion: _, groups, costs, original, candidates, ...rest } = schema.parse(data);
  const toCandidate = ([widths, objective, values]: z.infer<typeof row>): Candidate => ({
    widths: new Map(groups.map((name, index) => [name, widths[index] ?? 0])),
    objective,
    cost: Object.fromEntries(costs.map((name, index) => [name, values[index]])) as Cost,
  });
  return { ...rest, original: toCandidate(original), candidates: candidates.map(toCandidate) };
}
