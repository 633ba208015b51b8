import protobuf from 'protobufjs';

// The part of TensorFlow's messages that a graph needs. Field numbers: tensorflow/core/framework/{graph,node_def,attr_value,tensor,
// tensor_shape,versions}.proto, tensorflow/core/protobuf/{saved_model,meta_graph}.proto.
const source = `
syntax = "proto3";
message SavedModel { int64 saved_model_schema_version = 1; repeated MetaGraphDef meta_graphs = 2; }
message MetaGraphDef { MetaInfoDef meta_info_def = 1; GraphDef graph_def = 2; map<string, SignatureDef> signature_def = 5; }
message SignatureDef { map<string, TensorInfo> inputs = 1; map<string, TensorInfo> outputs = 2; string method_name = 3; }
message TensorInfo { string name = 1; int32 dtype = 2; TensorShapeProto tensor_shape = 3; }
message MetaInfoDef { repeated string tags = 4; string tensorflow_version = 5; }
message GraphDef { repeated NodeDef node = 1; VersionDef versions = 4; }
message VersionDef { int32 producer = 1; int32 min_consumer = 2; }
message NodeDef { string name = 1; string op = 2; repeated string input = 3; map<string, AttrValue> attr = 5; }
message AttrValue {
  message ListValue { repeated bytes s = 2; repeated int64 i = 3; }
  oneof value { ListValue list = 1; bytes s = 2; int64 i = 3; float f = 4; bool b = 5; int32 type = 6; TensorShapeProto shape = 7; TensorProto tensor = 8; }
}
message TensorShapeProto { message Dim { int64 size = 1; } repeated Dim dim = 2; }
message TensorProto { int32 dtype = 1; TensorShapeProto tensor_shape = 2; bytes tensor_content = 4; }
`;
const { root } = protobuf.parse(source);
const savedModel = root.lookupType('SavedModel');

export const dataTypes = { float32: 1, int32: 3, resource: 20 } as const;
export type DataType = keyof typeof dataTypes;

export interface AttrValue {
  readonly list?: { readonly i?: readonly number[]; readonly s?: readonly Uint8Array[] };
  readonly s?: Uint8Array;
  readonly i?: number;
  readonly f?: number;
  readonly b?: boolean;
  readonly type?: number;
  readonly shape?: ShapeProto;
  readonly tensor?: { readonly dtype: number; readonly tensorShape: ShapeProto; readonly tensorContent: Uint8Array };
}
interface ShapeProto {
  readonly dim: readonly { readonly size: number }[];
}
export interface NodeDef {
  readonly name: string;
  readonly op: string;
  readonly input: readonly string[];
  readonly attr: Readonly<Record<string, AttrValue>>;
}

/** Attribute values by kind. */
export const attr = {
  type: (dtype: DataType): AttrValue => ({ type: dataTypes[dtype] }),
  shape: (shape: readonly number[]): AttrValue => ({ shape: shapeProto(shape) }),
  text: (text: string): AttrValue => ({ s: new TextEncoder().encode(text) }),
  bool: (b: boolean): AttrValue => ({ b }),
  int: (i: number): AttrValue => ({ i }),
  float: (f: number): AttrValue => ({ f }),
  ints: (i: readonly number[]): AttrValue => ({ list: { i } }),
  tensor: (values: Float32Array | Int32Array, shape: readonly number[]): AttrValue => ({
    tensor: {
      dtype: dataTypes[values instanceof Float32Array ? 'float32' : 'int32'],
      tensorShape: shapeProto(shape),
      tensorContent: new Uint8Array(values.buffer, values.byteOffset, values.byteLength), // little-endian, as every supported CPU is
    },
  }),
} as const;

/** A tensor of the graph, as a signature names it: `node:output`, float32, -1 in a shape for the batch. */
export interface SignatureTensor {
  readonly tensor: string;
  readonly shape: readonly number[];
}

/** What a graph can be asked, by the names that its callers use. */
export interface Signature {
  readonly inputs: Readonly<Record<string, SignatureTensor>>;
  readonly outputs: Readonly<Record<string, SignatureTensor>>;
}

/** The bytes of a `saved_model.pb` that holds nothing but this graph, tagged `serve`, and its signatures by name. */
export function encodeSavedModel(nodes: readonly NodeDef[], signatures: Readonly<Record<string, Signature>> = {}): Uint8Array {
  // 1882 is the GraphDef version of TensorFlow 2.16 and later; older libraries down to 2.7 accept it.
  const graphDef = { node: nodes, versions: { producer: 1882, minConsumer: 0 } };
  const metaGraph = {
    metaInfoDef: { tags: ['serve'], tensorflowVersion: '2' },
    graphDef,
    signatureDef: mapValues(signatures, signatureProto),
  };
  return savedModel.encode(savedModel.fromObject({ savedModelSchemaVersion: 1, metaGraphs: [metaGraph] })).finish();
}

function shapeProto(shape: readonly number[]): ShapeProto {
  return { dim: shape.map((size) => ({ size })) };
}

function signatureProto({ inputs, outputs }: Signature): object {
  const info = ({ tensor, shape }: SignatureTensor): object => ({ name: tensor, dtype: dataTypes.float32, tensorShape: shapeProto(shape) });
  return { inputs: mapValues(inputs, info), outputs: mapValues(outputs, info), methodName: 'tensorflow/serving/predict' };
}

function mapValues<T, U>(record: Readonly<Record<string, T>>, map: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}
