import type { Probe } from '../backends/backend.js';
import type { FormatName, ModelFile } from '../export/format.js';

/** Runs finished models for inference. One conformance suite (test/conformance) holds for every runtime. */
export interface Runtime {
  /** `onnxruntime/cpu`: what runs, and on what where there is a choice. */
  readonly name: string;
  /** The files that it loads. */
  readonly format: FormatName;
  probe(): Promise<Probe>;
  /** @throws BackendError where it cannot be used here; ModelFileError for a file that it cannot read. */
  load(model: ModelFile, options?: RuntimeOptions): Promise<InferenceSession>;
}

export interface RuntimeOptions {
  /** Threads that it may use. Default: the cores that this process may use. */
  readonly threads?: number;
  /** Images of a call, where the runtime has to know them before. Other batches still work, in more calls. */
  readonly batch?: number;
}

export interface InferenceSession {
  /** As used, not as asked for. */
  readonly threads: number;
  /** [height, width, channels] of an image. */
  readonly input: readonly [number, number, number];
  readonly classes: number;
  /**
   * Logits [n, classes] of images [n, height, width, channels], both row-major.
   * @throws UsageError for values that are no whole number of images.
   */
  infer(images: Float32Array): Promise<Float32Array>;
  /** Frees everything. Twice does no harm. */
  dispose(): Promise<void>;
}
