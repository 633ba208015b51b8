import { type Granularity, granularities } from '@precrop/sdk/mask/realise';

/**
 * How the same layer densities become a network to train: zeros chosen by the criterion, the same number of zeros a layer elsewhere, the
 * criterion's zeros on other first weights, zeros in whole kernels or channels, and no zeros at all but narrower layers.
 */
export const realisations: readonly Realisation[] = [...granularities, 'redrawn', 'crop'];
export type Realisation = Granularity | 'redrawn' | 'crop';

/** One training of the experiment. Without a source it is the original. */
export interface Cell {
  readonly source?: string;
  readonly density: number;
  readonly realisation: Realisation | 'original';
  readonly seed: number;
}

export interface GranularityAxes {
  /** Criteria and density methods. */
  readonly sources: readonly string[];
  readonly densities: readonly number[];
  readonly realisations: readonly Realisation[];
  /** Seeds 0, 1, … below this. */
  readonly seeds: number;
}

/** Every training, all of a seed before the next: what is done at any time compares like with like. */
export function toCells({ sources, densities, realisations: asked, seeds }: GranularityAxes): readonly Cell[] {
  return Array.from({ length: seeds }, (_, seed) => [
    { density: 1, realisation: 'original' as const, seed },
    ...densities.flatMap((density) => sources.flatMap((source) => asked.map((realisation) => ({ source, density, realisation, seed })))),
  ]).flat();
}

/** `synflow-0.1-crop-seed0`: the name of its file. */
export function nameCell({ source, density, realisation, seed }: Cell): string {
  return [...(source === undefined ? [] : [source, density]), realisation, `seed${seed}`].join('-');
}
