import { formatPercent } from '@precrop/sdk/core/units';
import { countKept, findPrunableLayers } from '@precrop/sdk/density/layer-densities';
import { findCollapsed } from '@precrop/sdk/mask/collapse';
import type { Granularity } from '@precrop/sdk/mask/realise';
import type { TrainingDescription } from '../jobs/training-description.js';
import type { TrainingResult } from '../jobs/training-run.js';

interface Masked {
  readonly description: TrainingDescription;
  readonly result: TrainingResult;
}

/** Figures of a masked run for its document; none where there was no mask. */
export function summariseMask({ description, result }: Masked): Readonly<Record<string, string | number>> {
  const { mask, architecture } = description;
  if (!mask) return {};
  const densities = new Map(Object.entries(result.densities ?? {}));
  return {
    mask: mask.source,
    granularity: mask.granularity,
    density: countKept(findPrunableLayers(architecture), densities).params,
    ...(result.effectiveDensity === undefined ? {} : { effectiveDensity: result.effectiveDensity }),
    collapsedLayers: findCollapsed(densities).join(', '),
  };
}

const kinds: Readonly<Record<Granularity, string>> = {
  unstructured: 'the weights that it chose',
  shuffled: 'as many weights of each layer as it chose, at random places',
  kernel: 'whole kernels, as many of each layer as it would keep',
  channel: 'whole input channels, as many of each layer as it would keep',
};

/** What stays of a masked network, and how; nothing where there was no mask. */
export function describeMask(run: Masked): readonly (readonly [name: string, value: string])[] {
  const { mask } = run.description;
  if (!mask) return [];
  const { density, effectiveDensity, collapsedLayers } = summariseMask(run);
  const effective = effectiveDensity === undefined ? '' : `, effective density ${formatPercent(Number(effectiveDensity))}`;
  const redrawn = mask.redraw ? '; other first weights than those that were scored' : '';
  return [
    ['Mask', `${mask.source}: ${kinds[mask.granularity]}${redrawn}`],
    ['Weights kept', `${formatPercent(Number(density))}${effective}`],
    ...(collapsedLayers === '' ? [] : [['Layers without weights', String(collapsedLayers)] as const]),
  ];
}
