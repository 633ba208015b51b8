import { PreCropError } from '@precrop/sdk/core/errors';
import { cropArchitecture } from '@precrop/sdk/crop/apply';
import { fromScores } from '@precrop/sdk/crop/from-scores';
import { findPrunableLayers, type LayerDensities } from '@precrop/sdk/density/layer-densities';
import { densityMethods } from '@precrop/sdk/density/registry';
import type { Architecture } from '@precrop/sdk/ir/architecture';
import { countArchitecture } from '@precrop/sdk/ir/count';
import type { MaskChoice } from '../jobs/mask-choice.js';

/** One of the networks that are compared. */
export interface Contender {
  /** `original`, `crop-synexp-params`, `sparse-synflow`. */
  readonly id: string;
  readonly kind: 'original' | 'crop' | 'sparse';
  /** The criterion or density method that chose what is left; null for the original. */
  readonly source: string | null;
  /** What a crop has as much of as the sparse networks: weights, or MACs of the one by the same source. */
  readonly equal: 'params' | 'macs' | null;
  /** Its own widths where it is a crop, else the original's. */
  readonly architecture: Architecture;
  /** Absent where nothing is zero. */
  readonly mask?: MaskChoice | undefined;
}

/** A crop that cannot be built. */
export interface NoCrop {
  readonly id: string;
  /** A sentence. */
  readonly reason: string;
}

export const originalId = 'original';

export function createOriginal(architecture: Architecture): Contender {
  return { id: originalId, kind: 'original', source: null, equal: null, architecture };
}

/** Zeros where the source says: its mask over the original. */
export function createSparse(architecture: Architecture, source: string, density: number): Contender {
  const mask: MaskChoice = { source, density, granularity: 'unstructured', redraw: false };
  return { id: `sparse-${source}`, kind: 'sparse', source, equal: null, architecture, mask };
}

/**
 * Two crops by the layer densities of a mask: one with as many trainable parameters as the masked network has left, one with as many MACs.
 * At equal MACs a density method finds its densities anew, as its equations take either budget; a criterion's keep their proportions.
 */
export function createCrops(
  architecture: Architecture,
  source: string,
  densities: LayerDensities,
  align: number,
): readonly (Contender | NoCrop)[] {
  const before = countArchitecture(architecture);
  const left = countLeft(architecture, densities);
  const isMethod = densityMethods.some(({ name }) => name === source);
  const budgets = { params: { params: left.params / before.params }, macs: { macs: left.macs / before.macs } } as const;
  return (['params', 'macs'] as const).map((equal): Contender | NoCrop => {
    const id = `crop-${source}-${equal}`;
    const options = { budget: budgets[equal], align };
    try {
      const crop = isMethod
        ? cropArchitecture(architecture, { density: source, ...options })
        : fromScores(architecture, densities, options);
      return { id, kind: 'crop', source, equal, architecture: crop.architecture };
    } catch (error) {
      if (!(error instanceof PreCropError)) throw error;
      return { id, reason: error.message };
    }
  });
}

/** Parameters and MACs of a masked network that are no zeros. Biases and batch norms are not masked. */
export function countLeft(architecture: Architecture, densities: LayerDensities): { readonly params: number; readonly macs: number } {
  let { params, macs } = countArchitecture(architecture);
  for (const layer of findPrunableLayers(architecture)) {
    const gone = 1 - (densities.get(layer.id) ?? 1);
    params -= gone * layer.prunable;
    macs -= gone * layer.macs;
  }
  return { params: Math.round(params), macs: Math.round(macs) };
}
