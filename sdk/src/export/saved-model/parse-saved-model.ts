import protobuf from 'protobufjs';
import { ModelFileError } from '../../core/errors.js';
import { dataTypes } from '../../graph-def/graph-proto.js';
import { sizeOf } from '../../ir/node.js';
import { quote } from '../quote.js';

export const signatureName = 'serving_default';

/** How a SavedModel is fed and fetched. */
export interface ServingSignature {
  /** Names of tensors, `node:output`. */
  readonly images: string;
  readonly logits: string;
  /** [height, width, channels] of an image. */
  readonly input: readonly [number, number, number];
  readonly classes: number;
}

// TensorFlow does what a graph says: it has ops that read and write files, load libraries, and fill any amount of memory. A model of ours
// needs these alone, and none of them does anything but compute.
const allowedOps: ReadonlySet<string> = new Set(
  (
    'Placeholder Const Identity Conv2D DepthwiseConv2dNative MatMul BiasAdd AddV2 Sub Mul Maximum Relu Relu6 Softmax FusedBatchNormV3 ' +
    'MaxPool AvgPool Mean Sum Reshape Transpose ConcatV2 SplitV'
  ).split(' '),
);

// What is looked at. Field numbers: tensorflow/core/framework/{node_def,attr_value,tensor,tensor_shape}.proto,
// tensorflow/core/protobuf/meta_graph.proto.
const { root } = protobuf.parse(`
syntax = "proto3";
message NodeDef { string name = 1; string op = 2; map<string, AttrValue> attr = 5; }
message AttrValue { TensorProto tensor = 8; }
message TensorProto { int32 dtype = 1; TensorShapeProto tensor_shape = 2; bytes tensor_content = 4; }
message TensorShapeProto { message Dim { int64 size = 1; } repeated Dim dim = 2; }
message SignatureEntry { string key = 1; SignatureDef value = 2; }
message SignatureDef { map<string, TensorInfo> inputs = 1; map<string, TensorInfo> outputs = 2; }
message TensorInfo { string name = 1; int32 dtype = 2; TensorShapeProto tensor_shape = 3; }
`);
const [nodeType, signatureType] = [root.lookupType('NodeDef'), root.lookupType('SignatureEntry')];
const fields = { metaGraph: 2, graphDef: 2, signature: 5, node: 1, functions: 2 };

interface TensorShape {
  readonly dim: readonly { readonly size: unknown }[];
}
interface Node {
  readonly name: string;
  readonly op: string;
  readonly attr: Readonly<
    Record<
      string,
      { readonly tensor: { readonly dtype: number; readonly tensorShape: TensorShape | null; readonly tensorContent: Uint8Array } | null }
    >
  >;
}
interface TensorInfo {
  readonly name: string;
  readonly dtype: number;
  readonly tensorShape: TensorShape | null;
}
interface SignatureEntry {
  readonly key: string;
  readonly value: { readonly inputs: Readonly<Record<string, TensorInfo>>; readonly outputs: Readonly<Record<string, TensorInfo>> } | null;
}

/**
 * The signature of a `saved_model.pb`, after a look at every node of its graph. Takes the file's own memory and little more.
 * @throws ModelFileError for bytes that are no SavedModel, an op that no model of ours has, a tensor that claims more than the file holds,
 * or another signature than images [-1, h, w, c] → logits [-1, classes].
 */
export function parseSavedModel(bytes: Uint8Array): ServingSignature {
  try {
    return parse(bytes);
  } catch (error) {
    if (error instanceof ModelFileError) throw error;
    throw new ModelFileError(`The SavedModel is broken: its saved_model.pb does not read as one (${(error as Error).message}).`, {
      cause: error,
    });
  }
}

function parse(bytes: Uint8Array): ServingSignature {
  const names = new Set<string>();
  let signature: ServingSignature | undefined;
  let metaGraphs = 0;
  for (const metaGraph of fieldsOf(bytes)) {
    if (metaGraph.number !== fields.metaGraph) continue;
    if (++metaGraphs > 1) throw new ModelFileError('The SavedModel holds more than one graph. Export the one for serving alone.');
    for (const part of fieldsOf(metaGraph.bytes)) {
      if (part.number === fields.graphDef) for (const name of checkGraph(part.bytes)) names.add(name);
      if (part.number === fields.signature) signature = parseSignature(part.bytes) ?? signature;
    }
  }
  if (!signature) throw new ModelFileError(`The SavedModel has no signature "${signatureName}".`);
  for (const tensor of [signature.images, signature.logits]) {
    const [node = '', output = '', ...rest] = tensor.split(':');
    const isName = names.has(node) && !node.includes(',') && /^\d{1,3}$/.test(output) && rest.length === 0;
    if (!isName) throw new ModelFileError(`The SavedModel's signature names the tensor ${quote(tensor)}, which its graph does not have.`);
  }
  return signature;
}

// A message's fields that are messages themselves, one at a time: decoded as a whole, a file of empty nodes would take fifty times its size.
function* fieldsOf(bytes: Uint8Array): Generator<{ readonly number: number; readonly bytes: Uint8Array }> {
  const reader = protobuf.Reader.create(bytes);
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    const [number, wireType] = [tag >>> 3, tag & 7];
    if (wireType === 2) yield { number, bytes: reader.bytes() };
    else reader.skipType(wireType, 0, number);
  }
}

function* checkGraph(bytes: Uint8Array): Generator<string> {
  for (const field of fieldsOf(bytes)) {
    if (field.number === fields.functions && field.bytes.length > 0) {
      throw new ModelFileError('The SavedModel holds functions. Only graphs without any can be run, such as those that PreCrop exports.');
    }
    if (field.number === fields.node) yield checkNode(nodeType.decode(field.bytes) as unknown as Node);
  }
}

function checkNode({ name, op, attr }: Node): string {
  if (!allowedOps.has(op))
    throw new ModelFileError(`The SavedModel's node ${quote(name)} is a ${quote(op)}, which no exported model needs.`);
  for (const { tensor } of Object.values(attr)) {
    if (!tensor) continue;
    const shape = sizesOf(tensor.tensorShape);
    if (tensor.dtype !== dataTypes.float32 && tensor.dtype !== dataTypes.int32) {
      throw new ModelFileError(
        `The SavedModel's constant ${quote(name)} is of TensorFlow's type ${tensor.dtype}. It must be float32 or int32.`,
      );
    }
    if (shape.some((extent) => extent < 0) || 4 * sizeOf(shape) !== tensor.tensorContent.length) {
      throw new ModelFileError(
        `The SavedModel's constant ${quote(name)} claims [${shape.join('x')}] values, but holds ${tensor.tensorContent.length} bytes.`,
      );
    }
  }
  return name;
}

function parseSignature(bytes: Uint8Array): ServingSignature | undefined {
  const { key, value } = signatureType.decode(bytes) as unknown as SignatureEntry;
  if (key !== signatureName) return undefined;
  const [images, logits] = [value?.inputs['images'], value?.outputs['logits']];
  const [batch, height = 0, width = 0, channels = 0, ...more] = sizesOf(images?.tensorShape);
  const [sameBatch, classes = 0, ...others] = sizesOf(logits?.tensorShape);
  const isWhole = [height, width, channels, classes].every((extent) => Number.isSafeInteger(extent) && extent > 0);
  const isFloat = images?.dtype === dataTypes.float32 && logits?.dtype === dataTypes.float32;
  if (!isFloat || !isWhole || batch !== -1 || sameBatch !== -1 || more.length > 0 || others.length > 0) {
    throw new ModelFileError(
      `The SavedModel's signature "${signatureName}" must take float32 "images" [-1, height, width, channels] and give "logits" [-1, classes].`,
    );
  }
  return { images: images.name, logits: logits.name, input: [height, width, channels], classes };
}

function sizesOf(shape: TensorShape | null | undefined): readonly number[] {
  return shape?.dim.map(({ size }) => Number(size)) ?? [];
}
