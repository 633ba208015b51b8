import { selectBackend } from '@precrop/sdk/backends/registry';
import { throwIfCancelled } from '@precrop/sdk/core/context';
import { foldBatchNorm } from '@precrop/sdk/export/fold';
import type { FormatName } from '@precrop/sdk/export/format';
import type { ModelMetadata } from '@precrop/sdk/export/model';
import { type ExportOptions, exportModel } from '@precrop/sdk/export/registry';
import type { Architecture } from '@precrop/sdk/ir/architecture';
import { toInference } from '@precrop/sdk/program/training-step';
import { writeModelFile } from '@precrop/sdk/runtimes/model-files';
import { hashWeights } from '@precrop/sdk/train/weights-file';
import { saveModelFolder } from '../store/model-folder.js';
import type { CreateService } from '../worker/service.js';
import { loadModelSource, type ModelSource } from './model-source.js';

/** What a model is, without its weights. */
export interface ModelFacts {
  readonly architecture: Architecture;
  readonly metadata: ModelMetadata;
  /** Where it comes from, in words. */
  readonly origin: string;
  readonly weightsHash: string;
}

export interface ExportRequest {
  readonly path: string;
  readonly format: FormatName;
  readonly options: ExportOptions;
  /** SPDX identifier of the weights' licence, where it is known. */
  readonly licence?: string | undefined;
}

export interface Exported {
  /** Of all files together. */
  readonly bytes: number;
  readonly batchNorms: number;
  /** Of them, those that are in a convolution now. */
  readonly foldedBatchNorms: number;
}

export interface ModelMethods {
  facts(): Promise<ModelFacts>;
  /** Writes the model in a format, whole or not at all. */
  export(request: ExportRequest): Promise<Exported>;
  /** Keeps the model in a folder of ours. */
  keep(request: { readonly path: string; readonly importedFrom: string }): Promise<void>;
  /** Logits [n, classes] by the best backend, of images [n, h, w, c] as the network reads them. */
  logits(images: Float32Array): Promise<Float32Array>;
}

/** Holds a model in a process of its own: a hostile file, or a native library that crashes, ends that process alone. */
export const createModelService: CreateService<ModelSource, ModelMethods> = async (source, context) => {
  const model = await loadModelSource(source);
  const { architecture, weights, metadata, origin } = model;
  return {
    methods: {
      facts: async () => ({ architecture, metadata, origin, weightsHash: hashWeights(weights) }),
      async export({ path, format, options, licence }) {
        const licensed = { ...model, metadata: { ...metadata, licence: licence ?? metadata.licence } };
        const file = await exportModel(licensed, format, options);
        throwIfCancelled(context);
        await writeModelFile(path, file);
        const bytes = [...file.files.values()].reduce((sum, { byteLength }) => sum + byteLength, 0);
        const batchNorms = countBatchNorms(architecture);
        const left = options.fold
          ? countBatchNorms(foldBatchNorm({ architecture, weights: new Map(), metadata: {} }).architecture)
          : batchNorms;
        return { bytes, batchNorms, foldedBatchNorms: batchNorms - left };
      },
      keep: ({ path, importedFrom }) => saveModelFolder(path, { architecture, weights, metadata, importedFrom }),
      async logits(images) {
        const program = toInference(architecture);
        const { backend } = await selectBackend();
        const executable = await backend.compile([program]);
        try {
          await executable.writeVariables(weights);
          const { logits = new Float32Array() } = await executable.run(program.name, { images }, ['logits']);
          return logits;
        } finally {
          executable.dispose();
        }
      },
    },
  };
};

function countBatchNorms({ nodes }: Architecture): number {
  return nodes.filter(({ op }) => op === 'batch-norm').length;
}
