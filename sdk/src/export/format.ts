import type { Model, ModelDescription, StoredModel } from './model.js';

/** `onnx` and `tflite` are a file, `saved-model` and `tfjs` a folder. */
export type FormatName = 'onnx' | 'tflite' | 'saved-model' | 'tfjs';

/** An exported model in memory: the bytes of each file by its path within the folder, or of the only file by its usual name. */
export interface ModelFile {
  readonly format: FormatName;
  readonly files: ReadonlyMap<string, Uint8Array>;
}

export interface WriteOptions {
  /** Weights take two bytes each. */
  readonly float16: boolean;
  /** Weights that are mostly zero are stored as what is left of them. */
  readonly sparse: boolean;
  /** Images of a call, in formats whose files fix it. */
  readonly batch: number;
}

/**
 * A format joins by answering these. Files take `images` and give `logits`: NHWC, but ONNX takes NCHW as its readers expect. Ids of nodes
 * are kept as names, so that what is read back has them again. One conformance suite (test/conformance) holds for every format.
 */
export interface Format {
  readonly name: FormatName;
  /** What a model can be written with. */
  readonly supports: { readonly float16: boolean; readonly sparse: boolean; readonly dynamicBatch: boolean };
  /**
   * Writes a model as it is: folding and baking in were done before.
   * @throws ExportError that names the node and the op that the format cannot hold.
   */
  write(model: Model, options: WriteOptions): ModelFile;
  /** What the file says of itself; undefined where PreCrop did not write it. @throws ModelFileError for a broken file. */
  readDescription(file: ModelFile): ModelDescription | undefined;
  /**
   * The model in a file, ours or another's that is made of our ops, all checked; absent where the format cannot be read back.
   * @throws ModelFileError for a broken file, and with the name of the first op that does not fit.
   */
  read?(file: ModelFile): StoredModel;
}
