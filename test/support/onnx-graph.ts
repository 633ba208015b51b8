import { encodeModel, type ModelProto, type NodeProto, type TensorProto } from '@precrop/sdk/export/onnx/proto';
import { floatTensor, intTensor } from '@precrop/sdk/export/onnx/tensor';
import { type Attributes, attribute } from '@precrop/sdk/export/onnx/writer';

/** An ONNX model by hand: what others write, and what nobody should. */
export interface OnnxGraph {
  readonly node?: readonly NodeProto[];
  readonly initializer?: readonly TensorProto[];
  /** Of the input `x`; 0 for an extent that is not fixed. */
  readonly input?: readonly number[];
  readonly output?: string;
  readonly opset?: number;
  readonly name?: string;
}

export function toModelProto({
  node = [],
  initializer = [],
  input = [0, 3, 8, 8],
  output = 'y',
  opset = 17,
  name = 'by-hand',
}: OnnxGraph): ModelProto {
  const dim = input.map((extent) => (extent === 0 ? { dimParam: 'N' } : { dimValue: extent }));
  return {
    irVersion: 8,
    opsetImport: [{ version: opset }],
    graph: {
      name,
      node,
      initializer,
      input: [{ name: 'x', type: { tensorType: { elemType: 1, shape: { dim } } } }],
      output: [{ name: output, type: { tensorType: { elemType: 1, shape: { dim: [{ dimParam: 'N' }, { dimParam: 'C' }] } } } }],
    },
  };
}

export function encodeGraph(graph: OnnxGraph): Uint8Array {
  return encodeModel(toModelProto(graph));
}

/** A node that is called `n_` and its first output. */
export function node(opType: string, input: string, output: string, attributes: Attributes = {}): NodeProto {
  const outputs = output.split(' ');
  return {
    opType,
    name: `n_${outputs[0]}`,
    input: input.split(' '),
    output: outputs,
    attribute: Object.entries(attributes).map(([name, value]) => ({ name, ...value })),
  };
}

export const int: typeof attribute.int = attribute.int;
export const ints: typeof attribute.ints = attribute.ints;
export const float: typeof attribute.float = attribute.float;

/** Values of all kinds: 0.01, -0.02, 0.03 … */
export function weight(name: string, ...dims: number[]): TensorProto {
  const size = dims.reduce((product, extent) => product * extent, 1);
  return floatTensor(
    name,
    dims,
    Float32Array.from({ length: size }, (_, index) => ((index % 19) - 9) / 10),
  );
}

/** Values that a variance may have. */
export function positive(name: string, ...dims: number[]): TensorProto {
  const size = dims.reduce((product, extent) => product * extent, 1);
  return floatTensor(
    name,
    dims,
    Float32Array.from({ length: size }, (_, index) => 0.5 + (index % 7) / 7),
  );
}

export function indices(name: string, ...values: number[]): TensorProto {
  return intTensor(name, values);
}
