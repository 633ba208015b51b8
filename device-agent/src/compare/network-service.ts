import { selectBackend } from '@precrop/sdk/backends/registry';
import { exportModel } from '@precrop/sdk/export/registry';
import { applyMasks } from '@precrop/sdk/mask/masks';
import type { MaskReport } from '@precrop/sdk/mask/report-masks';
import { initializeWeights } from '@precrop/sdk/program/variables';
import { needsData } from '@precrop/sdk/saliency/find-masks';
import { saveWeightsFile } from '@precrop/sdk/train/weights-file';
import { loadChosenDataset } from '../jobs/dataset-choice.js';
import { type ChosenMasks, chooseMasks, type MaskChoice } from '../jobs/mask-choice.js';
import type { TrainingDescription } from '../jobs/training-description.js';
import type { CreateService } from '../worker/service.js';

/** A network at its first weights, masked where it has a mask. */
export interface NetworkRequest extends Pick<TrainingDescription, 'architecture' | 'dataset' | 'backend' | 'mask'> {
  readonly seed: number;
  /** Where its weights are to be written. */
  readonly weightsPath: string;
}

export interface NetworkFacts {
  /** What the mask leaves; undefined where there is none. */
  readonly masked?: MaskReport | undefined;
  /** Bytes of the folded network as a file, by format; `tflite/sparse` stores what is left of mostly empty kernels. */
  readonly diskBytes: Readonly<Record<string, number>>;
}

export interface NetworkMethods {
  /** Writes the weights that are timed: where a network has zeros does not change in training, so its first weights will do. */
  prepare(): Promise<NetworkFacts>;
}

/** Makes a network in a process of its own: its mask needs images and a backend. */
export const createNetworkService: CreateService<NetworkRequest, NetworkMethods> = async (request, context) => ({
  methods: {
    async prepare() {
      const { architecture, mask, seed } = request;
      const chosen = mask && (await choose(mask));
      const first = initializeWeights(architecture, seed);
      const weights = chosen ? applyMasks(first, chosen.masks) : first;
      await saveWeightsFile(request.weightsPath, { header: { kind: 'network' }, weights });
      const model = { architecture, weights, metadata: {} };
      const diskBytes: Record<string, number> = { onnx: await countBytes('onnx', {}) };
      if (chosen) diskBytes['tflite/sparse'] = await countBytes('tflite', { sparse: true });
      return { masked: chosen?.report, diskBytes };

      async function choose(choice: MaskChoice): Promise<ChosenMasks> {
        const dataset = needsData(choice.source) ? await loadChosenDataset(request.dataset, context) : undefined;
        const { backend } = await selectBackend(request.backend);
        return chooseMasks(choice, { architecture, seed, dataset, backend }, context);
      }

      async function countBytes(format: 'onnx' | 'tflite', options: { readonly sparse?: boolean }): Promise<number> {
        const { files } = await exportModel(model, format, options);
        return [...files.values()].reduce((sum, { byteLength }) => sum + byteLength, 0);
      }
    },
  },
});
