import { ModelFileError } from '../../core/errors.js';
import { encodeSavedModel } from '../../graph-def/graph-proto.js';
import { toGraph } from '../../graph-def/to-graph.js';
import { createProgramBuilder } from '../../program/builder.js';
import { lower } from '../../program/lower.js';
import type { Program } from '../../program/program.js';
import type { Format, ModelFile } from '../format.js';
import { describeModel, type Model, parseModelDescription } from '../model.js';
import { parseSavedModel, signatureName } from './parse-saved-model.js';

export const graphPath = 'saved_model.pb';
export const descriptionPath = 'assets.extra/precrop.json'; // TensorFlow leaves what is in assets.extra to others

/**
 * TensorFlow's SavedModel with its weights as constants of the graph, so that TensorFlow folds and fuses what it can. Its signature
 * `serving_default` takes `images` [-1, h, w, c] and gives `logits` [-1, classes].
 */
export const savedModel: Format = {
  name: 'saved-model',
  supports: { float16: false, sparse: false, dynamicBatch: true },
  write: (model) => ({
    format: 'saved-model',
    files: new Map([
      [graphPath, encodeGraph(model)],
      [descriptionPath, new TextEncoder().encode(`${JSON.stringify(describeModel(model), undefined, 2)}\n`)],
    ]),
  }),
  readDescription(file) {
    parseSavedModel(graphBytesOf(file));
    const description = file.files.get(descriptionPath);
    return description && parseModelDescription(new TextDecoder().decode(description));
  },
};

/** The bytes of the graph. @throws ModelFileError where the folder has none. */
export function graphBytesOf({ files }: ModelFile): Uint8Array {
  const bytes = files.get(graphPath);
  if (!bytes) throw new ModelFileError(`The SavedModel has no ${graphPath}. A SavedModel is a folder that holds one.`);
  return bytes;
}

function encodeGraph({ architecture, weights }: Model): Uint8Array {
  const builder = createProgramBuilder(signatureName, 'infer');
  const images = builder.input('images', [-1, ...architecture.input]);
  const program = builder.finish({ logits: lower(architecture, images, builder) });
  const graph = toGraph([program], { constants: weights });
  const { inputs = {}, outputs = {} } = graph.programs.get(program.name) ?? {};
  return encodeSavedModel(graph.nodes, {
    [signatureName]: {
      inputs: { images: { tensor: inputs['images'] ?? '', shape: shapeOf(program, images.id) } },
      outputs: { logits: { tensor: outputs['logits'] ?? '', shape: shapeOf(program, program.outputs['logits']) } },
    },
  });
}

function shapeOf({ values }: Program, id = -1): readonly number[] {
  return values[id]?.shape ?? [];
}
