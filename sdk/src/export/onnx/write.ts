import { toCanonicalJson } from '../../core/hash.js';
import { toShapedNodes } from '../../ir/shapes.js';
import { describeModel, descriptionKey, type Model } from '../model.js';
import { dataTypes, type ModelProto, type ValueInfoProto } from './proto.js';
import { writeNode } from './write-ops.js';
import { createWriter, imagesName, logitsName } from './writer.js';

/** The model as an ONNX model of opset 17: input `images` [batch, c, h, w], output `logits` [batch, classes]. */
export function toOnnxModel(model: Model): ModelProto {
  const { architecture } = model;
  const { nodes, initializers, writer } = createWriter(model);
  for (const shaped of toShapedNodes(architecture)) writeNode(shaped, writer);
  const [height, width, channels] = architecture.input;
  return {
    irVersion: 8, // that of ONNX 1.12, the first with opset 17
    producerName: 'precrop',
    producerVersion: '0.1.0',
    opsetImport: [{ version: 17 }],
    graph: {
      name: architecture.name,
      node: nodes,
      initializer: initializers,
      input: [valueInfo(imagesName, [channels, height, width])],
      output: [valueInfo(logitsName, [architecture.classes])],
    },
    metadataProps: [{ key: descriptionKey, value: toCanonicalJson(describeModel(model)) }],
  };
}

/** A tensor of float32, of any number of images. */
function valueInfo(name: string, shape: readonly number[]): ValueInfoProto {
  const dim = [{ dimParam: 'batch' }, ...shape.map((dimValue) => ({ dimValue }))];
  return { name, type: { tensorType: { elemType: dataTypes.float, shape: { dim } } } };
}
