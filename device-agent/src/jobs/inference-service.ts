import { loadImageFile } from '@precrop/sdk/data/image-file';
import type { FormatName } from '@precrop/sdk/export/format';
import type { ModelDescription } from '@precrop/sdk/export/model';
import { loadFormat } from '@precrop/sdk/export/registry';
import { normalizePixels, type RankedClass, rankClasses } from '@precrop/sdk/runtimes/rank-classes';
import { selectRuntime } from '@precrop/sdk/runtimes/registry';
import type { CreateService } from '../worker/service.js';
import { readModelFile } from './read-model-file.js';

export interface InferenceRequest {
  /** Of an exported model. */
  readonly path: string;
  /** `auto`, `onnxruntime`, `tfjs/wasm`, … */
  readonly runtime: string;
  /** The runtime's own choice where left out. */
  readonly threads?: number | undefined;
}

export interface InferenceFacts {
  readonly format: FormatName;
  readonly bytes: number;
  readonly runtime: string;
  readonly version: string;
  /** As used. */
  readonly threads: number;
  /** [height, width, channels] of an image. */
  readonly input: readonly [number, number, number];
  readonly classes: number;
  /** Undefined where the file has none: then it was not written by PreCrop. */
  readonly description: ModelDescription | undefined;
}

export interface InferenceMethods {
  facts(): Promise<InferenceFacts>;
  /** Logits [n, classes] of images [n, h, w, c] as the file takes them. */
  infer(images: Float32Array): Promise<Float32Array>;
  /** The likeliest classes of a picture. */
  classify(request: { readonly image: string; readonly top: number }): Promise<readonly RankedClass[]>;
}

/** Runs an exported model in a process of its own: a hostile file, or a native library that crashes, ends that process alone. */
export const createInferenceService: CreateService<InferenceRequest, InferenceMethods> = async ({ path, runtime: asked, threads }) => {
  const { format, bytes, description, runtime, probe, session } = await readModelFile(path, async (file) => {
    const { format, files } = file;
    const description = (await loadFormat(format)).readDescription(file);
    const { runtime, probe } = await selectRuntime(asked, format);
    const session = await runtime.load(file, threads === undefined ? {} : { threads });
    const bytes = [...files.values()].reduce((sum, { byteLength }) => sum + byteLength, 0);
    return { format, bytes, description, runtime, probe, session };
  });
  const { input, classes } = session;
  return {
    methods: {
      facts: async () => ({
        format,
        bytes,
        runtime: runtime.name,
        version: 'version' in probe ? probe.version : '',
        threads: session.threads,
        input,
        classes,
        description,
      }),
      infer: (images) => session.infer(images),
      async classify({ image, top }) {
        const pixels = normalizePixels(await loadImageFile(image, input), description?.normalization);
        return rankClasses(await session.infer(pixels), description?.classNames).slice(0, top);
      },
    },
    close: () => session.dispose(),
  };
};
