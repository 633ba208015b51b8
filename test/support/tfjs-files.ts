import '@tensorflow/tfjs-backend-cpu';
import type { ModelFile } from '@precrop/sdk/export/format';
import * as tf from '@tensorflow/tfjs-core';
import * as layers from '@tensorflow/tfjs-layers';

const weightsFile = 'group1-shard1of1.bin';

/** The `model.json` of a file, to look at or to change. */
// biome-ignore lint/suspicious/noExplicitAny: a test reads and breaks it as it likes
export function jsonOf({ files }: ModelFile): any {
  return JSON.parse(new TextDecoder().decode(files.get('model.json')));
}

/** The file with another `model.json`. */
export function withJson(file: ModelFile, json: unknown): ModelFile {
  return { ...file, files: new Map([...file.files, ['model.json', new TextEncoder().encode(JSON.stringify(json))]]) };
}

/** The model of a file as tfjs-layers loads it, on its plain JavaScript backend. */
export async function loadLayers(file: ModelFile): Promise<layers.LayersModel> {
  const { modelTopology, weightsManifest, userDefinedMetadata } = jsonOf(file);
  const weightData = file.files.get(weightsFile)?.slice().buffer as ArrayBuffer;
  const artifacts = { modelTopology, weightSpecs: weightsManifest[0].weights, weightData, userDefinedMetadata };
  return layers.loadLayersModel({ load: async () => artifacts });
}

/** What a model of tfjs-layers makes of images. */
export function predict(model: layers.LayersModel, images: Float32Array): Float32Array {
  const [, ...shape] = (model.inputs[0] as layers.SymbolicTensor).shape as number[];
  const count = images.length / shape.reduce((size, extent) => size * extent, 1);
  return tf.tidy(() => (model.predict(tf.tensor(images, [count, ...shape])) as tf.Tensor).dataSync() as Float32Array);
}

/** A model of tfjs-layers as it saves itself. */
export async function saveLayers(model: layers.LayersModel): Promise<ModelFile> {
  let file: ModelFile | undefined;
  await model.save(
    tf.io.withSaveHandler(async ({ modelTopology, weightSpecs, weightData }) => {
      const json = { modelTopology, weightsManifest: [{ paths: [weightsFile], weights: weightSpecs }] };
      const files: [string, Uint8Array][] = [
        ['model.json', new TextEncoder().encode(JSON.stringify(json))],
        [weightsFile, new Uint8Array(weightData as ArrayBuffer)],
      ];
      file = { format: 'tfjs', files: new Map(files) };
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
    }),
  );
  return file as ModelFile;
}

/** Gives every weight of a model values in 0.2…0.7, so that variances are positive and nothing is left at zero. */
export function randomize(model: layers.LayersModel): void {
  tf.tidy(() => model.setWeights(model.weights.map(({ shape }, index) => tf.randomUniform(shape as number[], 0.2, 0.7, 'float32', index))));
}
