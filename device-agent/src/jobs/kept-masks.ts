import { TrainingError } from '@precrop/sdk/core/errors';
import { findPrunableLayers } from '@precrop/sdk/density/layer-densities';
import type { Architecture } from '@precrop/sdk/ir/architecture';
import { kernelName, type Masks } from '@precrop/sdk/mask/masks';
import { maskName } from '@precrop/sdk/program/training-step';
import { loadCheckpoint } from '@precrop/sdk/train/checkpoint';
import type { RunFolder } from '../store/run-folder.js';

/**
 * The masks that a run's checkpoint holds, or undefined where there is none yet. A run that goes on keeps its masks: scored anew, on other
 * threads or by another version, two equal scores might change places.
 * @throws TrainingError for a damaged checkpoint, or one without masks.
 */
export async function loadKeptMasks(architecture: Architecture, { checkpoint }: RunFolder): Promise<Masks | undefined> {
  const saved = await loadCheckpoint(checkpoint);
  if (!saved) return undefined;
  return new Map(
    findPrunableLayers(architecture).map(({ id }) => {
      const mask = saved.weights.get(maskName(kernelName(id)));
      if (mask) return [id, Uint8Array.from(mask)];
      throw new TrainingError(`The checkpoint ${checkpoint} has no mask for layer "${id}". Delete the run's folder and start it anew.`);
    }),
  );
}
