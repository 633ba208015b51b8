import type { Backend, Weights } from '@precrop/sdk/backends/backend';
import type { RunContext } from '@precrop/sdk/core/context';
import { createRng } from '@precrop/sdk/core/rng';
import type { ImageDataset } from '@precrop/sdk/data/dataset';
import { findPrunableLayers } from '@precrop/sdk/density/layer-densities';
import type { Architecture } from '@precrop/sdk/ir/architecture';
import type { Masks } from '@precrop/sdk/mask/masks';
import { type Granularity, granularities, realiseMasks } from '@precrop/sdk/mask/realise';
import { initializeWeights } from '@precrop/sdk/program/variables';
import { findMasks, needsData } from '@precrop/sdk/saliency/find-masks';
import { sampleBatch } from '@precrop/sdk/saliency/sample-batch';
import { z } from 'zod';

/** Which weights of a network stay: chosen at its first weights, before any training. */
export interface MaskChoice {
  /** A criterion or a density method. */
  readonly source: string;
  /** Over all prunable weights. */
  readonly density: number;
  readonly granularity: Granularity;
  /** Train other first weights than those which were scored. */
  readonly redraw: boolean;
}

export const maskChoiceSchema: z.ZodType<MaskChoice> = z.object({
  source: z.string(),
  density: z.number().positive().max(1),
  granularity: z.enum(granularities),
  redraw: z.boolean(),
});

export interface ChosenMasks {
  readonly masks: Masks;
  /** What training begins with, where that is not what its seed says. */
  readonly weights?: Weights | undefined;
}

/** The masks of a choice. They depend on the architecture, the choice, the data set and the seed alone. */
export async function chooseMasks(
  choice: MaskChoice,
  network: { readonly architecture: Architecture; readonly seed: number; readonly dataset: ImageDataset; readonly backend: Backend },
  context: RunContext,
): Promise<ChosenMasks> {
  const { architecture, seed, dataset, backend } = network;
  const rng = createRng(seed).fork('mask', choice.source);
  const batch = needsData(choice.source) ? sampleBatch(dataset, rng.fork('batch')) : undefined;
  const scoring = { ...context, rng };
  const weights = initializeWeights(architecture, seed);
  const masks = await findMasks(choice.source, { architecture, weights, backend, batch, context: scoring }, choice.density);
  return {
    masks: realiseMasks(masks, choice.granularity, findPrunableLayers(architecture), rng.fork(choice.granularity)),
    weights: choice.redraw ? initializeWeights(architecture, rng.fork('redraw').integer(0, 2 ** 31 - 1)) : undefined,
  };
}
