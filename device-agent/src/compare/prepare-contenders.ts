import { join } from 'node:path';
import type { RunContext } from '@precrop/sdk/core/context';
import type { Architecture } from '@precrop/sdk/ir/architecture';
import { countArchitecture } from '@precrop/sdk/ir/count';
import type { DatasetChoice } from '../jobs/training-description.js';
import { startWorker } from '../worker/start-worker.js';
import { type Contender, countLeft, createCrops, createOriginal, createSparse, type NoCrop } from './contender.js';
import type { NetworkFacts } from './network-service.js';
import type { PreparedContender } from './time-networks.js';

export interface ContenderAxes {
  readonly architecture: Architecture;
  /** Share of the prunable weights that masks keep. */
  readonly density: number;
  readonly crops: readonly string[];
  readonly sparse: readonly string[];
  readonly align: number;
  readonly dataset: DatasetChoice;
  readonly backend: string;
  /** Crops are cut, and networks timed, by the masks of this one. */
  readonly seed: number;
}

/** A contender with all that is known of it before it is trained. */
export interface Prepared extends PreparedContender, NetworkFacts {
  readonly params: number;
  readonly macs: number;
}

export interface PreparedContenders {
  /** The original, then crops, then sparse networks, each in the order asked for. */
  readonly contenders: readonly Prepared[];
  readonly leftOut: readonly NoCrop[];
}

/**
 * All contenders with their weights in files of a folder. A crop's widths are found once, by the first seed's mask, as someone would who crops to
 * train; masks are found anew for each seed's first weights.
 */
export async function prepareContenders(axes: ContenderAxes, folder: string, context: RunContext): Promise<PreparedContenders> {
  const { architecture, density, crops, sparse, align } = axes;
  const prepare = (contender: Contender): Promise<Prepared> => prepareContender(contender, axes, folder, context);
  const original = await prepare(createOriginal(architecture));
  const masked = new Map<string, Prepared>();
  for (const source of new Set([...sparse, ...crops])) masked.set(source, await prepare(createSparse(architecture, source, density)));
  const made = crops.flatMap((source) => createCrops(architecture, source, masked.get(source)?.masked?.densities ?? new Map(), align));
  const cropped: Prepared[] = [];
  for (const crop of made) if ('architecture' in crop) cropped.push(await prepare(crop));
  return {
    contenders: [original, ...cropped, ...sparse.flatMap((source) => masked.get(source) ?? [])],
    leftOut: made.filter((each) => 'reason' in each),
  };
}

async function prepareContender(contender: Contender, axes: ContenderAxes, folder: string, context: RunContext): Promise<Prepared> {
  const { id, architecture, mask, source } = contender;
  const { dataset, backend, seed } = axes;
  context.emit({ type: 'phase', name: 'prepare', message: mask ? `${source}: finding its mask` : id });
  const weightsPath = join(folder, id);
  const worker = await startWorker('network', { architecture, mask, dataset, backend, seed, weightsPath }, { context });
  try {
    const facts = await worker.call('prepare');
    const { params, macs } = facts.masked ? countLeft(architecture, facts.masked.densities) : countArchitecture(architecture);
    return { ...contender, ...facts, weightsPath, params, macs };
  } finally {
    await worker.close();
  }
}
