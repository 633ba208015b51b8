import { ArchitectureError, ModelFileError } from '../../core/errors.js';
import { type Architecture, inputId } from '../../ir/architecture.js';
import { sizeOf } from '../../ir/node.js';
import { parseArchitecture } from '../../ir/validate.js';
import { toInference } from '../../program/training-step.js';
import { type ModelDescription, type ModelMetadata, metadataOf, type StoredModel } from '../model.js';
import { quote } from '../quote.js';
import { type CallContext, createNodeCall, describeNode } from './node-call.js';
import { dataTypes, type GraphProto, type ModelProto, type NodeProto, toNumber, type ValueInfoProto } from './proto.js';
import { layerOps } from './read-layers.js';
import { createNetwork } from './read-network.js';
import { shapeOps } from './read-shapes.js';
import type { Value } from './read-value.js';

const ops = { ...layerOps, ...shapeOps };
const oldestOpset = 7; // before it, BatchNormalization and Dropout meant other things

/**
 * The network in an ONNX model. Its first node that is none of our ops, or part of one, ends it.
 * @throws ModelFileError
 */
export function readOnnxModel(
  { graph, opsetImport = [] }: ModelProto,
  description: ModelDescription | undefined,
  fileBytes: number,
): StoredModel {
  const opset = toNumber(opsetImport.find(({ domain }) => !domain || domain === 'ai.onnx')?.version ?? 0);
  if (!(opset >= oldestOpset))
    throw new ModelFileError(`The model is of ONNX opset ${opset}. PreCrop reads ${oldestOpset} and later: export it again.`);
  const { name, node = [] } = graph ?? {};
  const { tensor, input, batch } = readImage(graph ?? {});
  const network = createNetwork(fileBytes);
  const values = readConstants(graph ?? {});
  const readers = countReaders(graph ?? {});
  const context: CallContext = { network, opset, batch, values };

  const write = (name: string, value: Value): void => {
    if (values.has(name)) throw new ModelFileError(`Two tensors are called ${quote(name)}. The file is damaged: export it again.`);
    const isShared = value.kind === 'data' && (value.shared || (readers.get(name) ?? 0) > 1);
    values.set(name, isShared ? { ...value, shared: true } : value);
  };
  write(tensor, { kind: 'data', id: inputId, shape: input, shared: false });
  for (const each of node) {
    const outputs = [readNode(each, context)].flat();
    outputs.forEach((value, index) => {
      const name = each.output?.[index];
      if (name) write(name, value);
    });
  }
  const output = readOutput(graph ?? {}, values);
  const architecture: Architecture = { name: name || 'imported', input, classes: output.classes, nodes: network.nodes, output: output.id };
  checkNetwork(architecture, network.weights);
  return { architecture, weights: network.weights, metadata: readMetadata(description, architecture) };
}

function readNode(node: NodeProto, context: CallContext): Value | readonly Value[] {
  const { opType = '', domain = '' } = node;
  const read = (domain === '' || domain === 'ai.onnx') && Object.hasOwn(ops, opType) ? ops[opType] : undefined;
  if (!read)
    throw new ModelFileError(`${describeNode(node)} does not fit. PreCrop reads networks of ${Object.keys(ops).sort().join(', ')}.`);
  const call = createNodeCall(node, context);
  const outputs = read(call);
  call.finish();
  return outputs;
}

/** The graph's only input that is no constant. */
function readImage({ input: inputs = [], initializer = [] }: GraphProto): {
  readonly tensor: string;
  readonly input: readonly [number, number, number];
  readonly batch: number | undefined;
} {
  const constants = new Set(initializer.map(({ name }) => name));
  const [image, ...others] = inputs.filter(({ name }) => !constants.has(name));
  if (!image?.name || others.length > 0) {
    throw new ModelFileError(`The model has ${others.length + (image ? 1 : 0)} inputs. PreCrop reads networks with one: an image.`);
  }
  const { dims, elemType } = extentsOf(image);
  const [batch = 0, channels = 0, height = 0, width = 0] = dims;
  const isImage = dims.length === 4 && [channels, height, width].every((extent) => Number.isSafeInteger(extent) && extent > 0);
  if (!isImage || elemType !== dataTypes.float || sizeOf([height, width, channels]) > 2 ** 30) {
    const found = dims.slice(0, 8).map((extent) => extent || '?');
    throw new ModelFileError(
      `The input ${quote(image.name)} has the shape [${found.join(', ')}]. It must be float32 [batch, channels, height, width], all but the batch fixed.`,
    );
  }
  return { tensor: image.name, input: [height, width, channels], batch: batch > 0 ? batch : undefined };
}

function extentsOf({ type }: ValueInfoProto): { readonly dims: readonly number[]; readonly elemType: number } {
  const { elemType = 0, shape } = type?.tensorType ?? {};
  return { elemType, dims: (shape?.dim ?? []).map(({ dimValue = 0 }) => toNumber(dimValue)) };
}

function readConstants({ initializer = [] }: GraphProto): Map<string, Value> {
  const values = new Map<string, Value>();
  for (const tensor of initializer) {
    const { name = '' } = tensor;
    if (values.has(name)) throw new ModelFileError(`Two tensors are called ${quote(name)}. The file is damaged: export it again.`);
    values.set(name, { kind: 'constant', tensor });
  }
  return values;
}

function countReaders({ node = [], output = [] }: GraphProto): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const name of [...node.flatMap(({ input = [] }) => input), ...output.map(({ name = '' }) => name)])
    counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

function readOutput({ output = [] }: GraphProto, values: ReadonlyMap<string, Value>): { readonly id: string; readonly classes: number } {
  const [only, ...others] = output;
  if (!only || others.length > 0)
    throw new ModelFileError(`The model has ${output.length} outputs. PreCrop reads networks with one: the logits.`);
  const value = values.get(only.name ?? '');
  if (value?.kind !== 'data' || value.shape.length !== 1) {
    throw new ModelFileError(`The output ${quote(only.name)} is no vector of a value for each class that a node of the model writes.`);
  }
  return { id: value.id, classes: value.shape[0] ?? 0 };
}

/** All that the ir asks of an architecture, and a weight of the right length for each variable. */
function checkNetwork(architecture: Architecture, weights: StoredModel['weights']): void {
  try {
    parseArchitecture(architecture);
    const wrong = toInference(architecture).variables.find(({ name, shape }) => weights.get(name)?.length !== sizeOf(shape));
    if (wrong)
      throw new ModelFileError(`The weight ${quote(wrong.name)} does not have the ${wrong.shape.join('x')} values that its node asks for.`);
  } catch (error) {
    if (error instanceof ArchitectureError)
      throw new ModelFileError(`The file holds no network that can run. ${error.message}`, { cause: error });
    throw error;
  }
}

function readMetadata(description: ModelDescription | undefined, { input, classes }: Architecture): ModelMetadata {
  if (!description) return {};
  const { classNames, normalization } = description;
  const [, , colours] = input;
  if (classNames && classNames.length !== classes)
    throw new ModelFileError(`The file names ${classNames.length} classes, but its network has ${classes}.`);
  if (
    normalization &&
    (normalization.mean.length !== colours || normalization.std.length !== colours || normalization.std.some((one) => !(one > 0)))
  ) {
    throw new ModelFileError(
      `The file's normalisation does not fit: it must have a mean and a deviation above 0 for each of ${colours} colours.`,
    );
  }
  return metadataOf(description);
}
