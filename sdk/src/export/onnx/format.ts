import { ModelFileError } from '../../core/errors.js';
import type { Format, ModelFile } from '../format.js';
import { descriptionKey, type ModelDescription, parseModelDescription } from '../model.js';
import { decodeModel, encodeModel, type ModelProto } from './proto.js';
import { readOnnxModel } from './read.js';
import { toOnnxModel } from './write.js';

/** ONNX (onnx.ai), opset 17: float32, NCHW, any number of images a call. */
export const onnx: Format = {
  name: 'onnx',
  supports: { float16: false, sparse: false, dynamicBatch: true },
  write: (model) => ({ format: 'onnx', files: new Map([['model.onnx', encodeModel(toOnnxModel(model))]]) }),
  readDescription: (file) => descriptionOf(decodeModel(onlyFileOf(file))),
  read(file) {
    const bytes = onlyFileOf(file);
    const model = decodeModel(bytes);
    return readOnnxModel(model, descriptionOf(model), bytes.length);
  },
};

function onlyFileOf({ files }: ModelFile): Uint8Array {
  const [bytes, ...others] = files.values();
  if (!bytes || others.length > 0)
    throw new ModelFileError(`An ONNX model is one file, but here are ${files.size}. Give the .onnx file alone.`);
  return bytes;
}

function descriptionOf({ metadataProps = [] }: ModelProto): ModelDescription | undefined {
  return parseModelDescription(metadataProps.find(({ key }) => key === descriptionKey)?.value ?? '');
}
