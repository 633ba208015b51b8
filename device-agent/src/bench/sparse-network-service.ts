import { join } from 'node:path';
import { selectBackend } from '@precrop/sdk/backends/registry';
import { createRng } from '@precrop/sdk/core/rng';
import { foldBatchNorm } from '@precrop/sdk/export/fold';
import type { Model } from '@precrop/sdk/export/model';
import { exportModel } from '@precrop/sdk/export/registry';
import { toSparseKernels } from '@precrop/sdk/export/tflite/sparse-kernels';
import type { Architecture } from '@precrop/sdk/ir/architecture';
import { applyMasks } from '@precrop/sdk/mask/masks';
import type { MaskReport } from '@precrop/sdk/mask/report-masks';
import { initializeWeights } from '@precrop/sdk/program/variables';
import { writeModelFile } from '@precrop/sdk/runtimes/model-files';
import { needsData } from '@precrop/sdk/saliency/find-masks';
import { countNonzeroMacs } from '@precrop/sdk/sparse/count-nonzero-macs';
import { measureMulAddGflops } from '@precrop/sdk/sparse/mul-add-rate';
import { loadChosenDataset } from '../jobs/dataset-choice.js';
import { chooseMasks, type MaskChoice } from '../jobs/mask-choice.js';
import type { DatasetChoice } from '../jobs/training-description.js';
import type { CreateService } from '../worker/service.js';
import { chainShapes, createChain } from './sparse-chains.js';

export interface SparseNetworkInput {
  readonly architecture: Architecture;
  readonly mask: MaskChoice;
  readonly seed: number;
  /** For criteria that look at images. */
  readonly dataset?: DatasetChoice | undefined;
  readonly backend: string;
  /** Batches that TFLite files are written for. */
  readonly batches: readonly number[];
  /** Gets the files. */
  readonly folder: string;
}

export interface SparseNetwork {
  readonly onnxPath: string;
  /** In the order of the batches. */
  readonly tflitePaths: readonly string[];
  /** Whether XNNPACK has sparse kernels for this network; without them it multiplies by the zeros. */
  readonly tfliteSkipsZeros: boolean;
  /** Of an image, whose weight is not zero. */
  readonly nonZeroMacs: number;
  readonly report: MaskReport;
  /** In the order of `chainShapes`. */
  readonly chains: readonly { readonly path: string; readonly nonZeroMacs: number }[];
}

export interface SparseNetworkMethods {
  /** Masks the network and writes it, and the chains. */
  prepare(): Promise<SparseNetwork>;
  /** Of a plain loop of multiplications and additions on one thread: what WebAssembly can do at most. */
  mulAddGflops(): Promise<number>;
}

/** Makes what is timed in a process of its own. */
export const createSparseNetworkService: CreateService<SparseNetworkInput, SparseNetworkMethods> = async (input, context) => ({
  methods: {
    async prepare() {
      const { architecture, mask, seed, dataset, batches, folder } = input;
      const images = dataset && needsData(mask.source) ? await loadChosenDataset(dataset, context) : undefined;
      const { backend } = await selectBackend(input.backend);
      const { masks, report } = await chooseMasks(mask, { architecture, seed, dataset: images, backend }, context);
      const model: Model = { architecture, weights: applyMasks(initializeWeights(architecture, seed), masks), metadata: {} };
      const onnxPath = await write('network', model);
      const tflitePaths: string[] = [];
      for (const batch of batches) {
        const path = join(folder, `network-${batch}.tflite`);
        await writeModelFile(path, await exportModel(model, 'tflite', { sparse: true, batch }));
        tflitePaths.push(path);
      }
      const chains: { readonly path: string; readonly nonZeroMacs: number }[] = [];
      for (const shape of chainShapes) {
        const chain = createChain(shape, mask.density, createRng(seed).fork('chain', shape.channels));
        chains.push({ path: await write(chain.architecture.name, chain), nonZeroMacs: countNonzeroMacs(chain) });
      }
      const tfliteSkipsZeros = toSparseKernels(foldBatchNorm(model)) !== undefined;
      return { onnxPath, tflitePaths, tfliteSkipsZeros, nonZeroMacs: countNonzeroMacs(model), report, chains };

      async function write(name: string, written: Model): Promise<string> {
        const path = join(folder, `${name}.onnx`);
        await writeModelFile(path, await exportModel(written, 'onnx'));
        return path;
      }
    },
    mulAddGflops: async () => measureMulAddGflops(context.clock),
  },
});
