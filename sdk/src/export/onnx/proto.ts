import protobuf from 'protobufjs';
import { ModelFileError } from '../../core/errors.js';
import { checkParts } from './check-parts.js';

// The part of ONNX's messages that a network of our ops needs. Field numbers: onnx/onnx.proto of ONNX 1.14 (ir_version 8 and later). What is
// not declared here, subgraphs and training graphs, is skipped when it is read. float_data is `repeated float [packed = true]` there: on the
// wire that is a length and then the bytes of raw_data, so it is read as bytes, without a copy.
const source = `
syntax = "proto2";
message ModelProto {
  optional int64 ir_version = 1; optional string producer_name = 2; optional string producer_version = 3; optional GraphProto graph = 7;
  repeated OperatorSetIdProto opset_import = 8; repeated StringStringEntryProto metadata_props = 14;
}
message OperatorSetIdProto { optional string domain = 1; optional int64 version = 2; }
message StringStringEntryProto { optional string key = 1; optional string value = 2; }
message GraphProto {
  repeated NodeProto node = 1; optional string name = 2; repeated TensorProto initializer = 5;
  repeated ValueInfoProto input = 11; repeated ValueInfoProto output = 12;
}
message NodeProto {
  repeated string input = 1; repeated string output = 2; optional string name = 3; optional string op_type = 4;
  repeated AttributeProto attribute = 5; optional string domain = 7;
}
message AttributeProto {
  optional string name = 1; optional float f = 2; optional int64 i = 3; optional bytes s = 4; optional TensorProto t = 5;
  repeated int64 ints = 8; optional int32 type = 20;
}
message TensorProto {
  repeated int64 dims = 1; optional int32 data_type = 2; optional bytes float_data = 4; repeated int64 int64_data = 7 [packed = true];
  optional string name = 8; optional bytes raw_data = 9; repeated StringStringEntryProto external_data = 13; optional int32 data_location = 14;
}
message ValueInfoProto { optional string name = 1; optional TypeProto type = 2; }
message TypeProto {
  message Tensor { optional int32 elem_type = 1; optional TensorShapeProto shape = 2; }
  optional Tensor tensor_type = 1;
}
message TensorShapeProto {
  message Dimension { optional int64 dim_value = 1; optional string dim_param = 2; }
  repeated Dimension dim = 1;
}
`;
const modelType = protobuf.parse(source).root.lookupType('ModelProto');

/** TensorProto.DataType. */
export const dataTypes = { float: 1, int64: 7 } as const;
/** AttributeProto.AttributeType. */
export const attributeTypes = { float: 1, int: 2, string: 3, tensor: 4, ints: 7 } as const;

/** An int64: a number where we write it, a Long where it is read. */
export type Int = number | { toNumber(): number };

export interface ModelProto {
  readonly irVersion?: Int;
  readonly producerName?: string;
  readonly producerVersion?: string;
  readonly graph?: GraphProto | null;
  readonly opsetImport?: readonly { readonly domain?: string; readonly version?: Int }[];
  readonly metadataProps?: readonly { readonly key?: string; readonly value?: string }[];
}
export interface GraphProto {
  readonly node?: readonly NodeProto[];
  readonly name?: string;
  readonly initializer?: readonly TensorProto[];
  readonly input?: readonly ValueInfoProto[];
  readonly output?: readonly ValueInfoProto[];
}
export interface NodeProto {
  readonly input?: readonly string[];
  readonly output?: readonly string[];
  readonly name?: string;
  readonly opType?: string;
  readonly attribute?: readonly AttributeProto[];
  readonly domain?: string;
}
export interface AttributeProto {
  readonly name?: string;
  readonly type?: number;
  readonly f?: number;
  readonly i?: Int;
  readonly s?: Uint8Array;
  readonly t?: TensorProto | null;
  readonly ints?: readonly Int[];
}
export interface TensorProto {
  readonly dims?: readonly Int[];
  readonly dataType?: number;
  /** Little-endian float32. */
  readonly floatData?: Uint8Array;
  readonly int64Data?: readonly Int[];
  readonly name?: string;
  /** Little-endian. */
  readonly rawData?: Uint8Array;
  readonly externalData?: readonly unknown[];
  readonly dataLocation?: number;
}
export interface ValueInfoProto {
  readonly name?: string;
  readonly type?: { readonly tensorType?: { readonly elemType?: number; readonly shape?: ShapeProto | null } | null } | null;
}
interface ShapeProto {
  readonly dim?: readonly { readonly dimValue?: Int; readonly dimParam?: string }[];
}

export function encodeModel(model: ModelProto): Uint8Array {
  const { buffer, byteOffset, byteLength } = modelType.encode(model).finish(); // in Node a Buffer, whose slice() is no copy
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** The messages of a file; tensors' values stay where they are in it. @throws ModelFileError for bytes that are no ONNX model. */
export function decodeModel(bytes: Uint8Array): ModelProto {
  let model: ModelProto;
  try {
    checkParts(bytes, modelType);
    model = modelType.decode(protobuf.Reader.create(bytes)) as ModelProto;
  } catch (error) {
    if (error instanceof ModelFileError) throw error;
    const message = `This is no ONNX file, or it is damaged: its ${bytes.length} bytes do not read as a protobuf message. Export it again, or copy it whole.`;
    throw new ModelFileError(message, { cause: error });
  }
  if (!model.graph) throw new ModelFileError(`This is no ONNX file: its ${bytes.length} bytes hold no graph. Export it again.`);
  return model;
}

export function toNumber(value: Int): number {
  return typeof value === 'number' ? value : value.toNumber();
}
