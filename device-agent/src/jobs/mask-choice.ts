import type { Backend, Weights } from '@precrop/sdk/backends/backend';
import type { RunContext } from '@precrop/sdk/core/context';
import { createRng } from '@precrop/sdk/core/rng';
import type { ImageDataset } from '@precrop/sdk/data/dataset';
import { findPrunableLayers } from '@precrop/sdk/density/layer-densities';
import type { Architecture } from '@precrop/sdk/ir/architecture';
import { describeCollapse } from '@precrop/sdk/mask/collapse';
import type { Masks } from '@precrop/sdk/mask/masks';
import { type Granularity, granularities, realiseMasks } from '@precrop/sdk/mask/realise';
import { type MaskReport, reportMasks } from '@precrop/sdk/mask/report-masks';
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
  readonly report: MaskReport;
  /** What training begins with, where that is not what its seed says. */
  readonly weights?: Weights | undefined;
}

/** What masks are chosen for. */
export interface MaskedNetwork {
  readonly architecture: Architecture;
  readonly seed: number;
  /** Needed by criteria that look at images. */
  readonly dataset?: ImageDataset | undefined;
  readonly backend: Backend;
}

/**
 * The masks of a choice. They depend on the architecture, the choice, the data set and the seed alone. Layers of which nothing stays are named
 * in a warning.
 * @throws UsageError for an unknown source, or one that needs images where there are none.
 */
export async function chooseMasks(choice: MaskChoice, network: MaskedNetwork, context: RunContext): Promise<ChosenMasks> {
  const { architecture, seed, dataset, backend } = network;
  const { source, granularity } = choice;
  const rng = createRng(seed).fork('mask', source);
  const batch = dataset && needsData(source) ? sampleBatch(dataset, rng.fork('batch')) : undefined;
  const scoring = { ...context, rng };
  const weights = initializeWeights(architecture, seed);
  const found = await findMasks(source, { architecture, weights, backend, batch, context: scoring }, choice.density);
  const masks = realiseMasks(found, granularity, findPrunableLayers(architecture), rng.fork(granularity));
  const report = reportMasks(architecture, masks);
  const message = describeCollapse(source, report.collapsed);
  if (message !== undefined) context.emit({ type: 'warning', message });
  return { masks, report, weights: choice.redraw ? redrawWeights(architecture, choice, seed) : undefined };
}

/** The other first weights of a choice that asks for them: they depend on its source and the seed alone. */
export function redrawWeights(architecture: Architecture, { source }: MaskChoice, seed: number): Weights {
  const rng = createRng(seed).fork('mask', source);
  return initializeWeights(architecture, rng.fork('redraw').integer(0, 2 ** 31 - 1));
}
