import type { Weights } from '@precrop/sdk/backends/backend';
import { TrainingError, UsageError } from '@precrop/sdk/core/errors';
import { hashWeights, loadWeightsFile, saveWeightsFile } from '@precrop/sdk/train/weights-file';
import type { RunFolder } from '../store/run-folder.js';
import { loadModelSource, type ModelSource } from './model-source.js';

/**
 * The weights that a run begins with. They are copied into its folder, so that it can be resumed once their source is gone or has changed.
 * @throws UsageError where neither the folder nor the source has those weights; TrainingError for a damaged copy; as `loadModelSource`.
 */
export async function loadInitialWeights(
  weightsHash: string,
  { name, initialWeights }: RunFolder,
  source: ModelSource | undefined,
): Promise<Weights> {
  const damaged = (reason: string): TrainingError =>
    new TrainingError(`The first weights ${initialWeights} are damaged: ${reason}. Delete the run's folder and start it anew.`);
  const kept = await loadWeightsFile(initialWeights, damaged);
  const weights = kept?.weights ?? (source && (await loadModelSource(source)).weights);
  if (!weights || hashWeights(weights) !== weightsHash) {
    if (kept) throw damaged('they are those of another model');
    throw new UsageError(`The weights that the run ${name} begins with are not in its folder. Start it anew with --from.`);
  }
  if (!kept) await saveWeightsFile(initialWeights, { header: { kind: 'weights' }, weights });
  return weights;
}
