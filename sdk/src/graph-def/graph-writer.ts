import { type AttrValue, attr, type DataType, type NodeDef } from './graph-proto.js';

/** Appends nodes to a TensorFlow graph. A tensor is named `node:output`, a control dependency `^node`. */
export interface GraphWriter {
  readonly nodes: readonly NodeDef[];
  /** Adds a node and gives its name; output k of it is `name:k`. */
  node(op: string, inputs: readonly string[], attributes?: Readonly<Record<string, AttrValue>>, name?: string): string;
  /** A constant tensor; equal constants are one node. */
  constant(values: readonly number[], shape: readonly number[], dtype?: 'float32' | 'int32'): string;
  /** A resource variable's handle, by name. */
  handle(variable: string, shape: readonly number[]): string;
}

export function createGraphWriter(): GraphWriter {
  const nodes: NodeDef[] = [];
  const memo = new Map<string, string>();
  const node: GraphWriter['node'] = (op, inputs, attributes = {}, name = `${op}_${nodes.length}`) => {
    nodes.push({ name, op, input: inputs, attr: attributes });
    return name;
  };
  const once = (key: string, make: () => string): string => {
    const known = memo.get(key) ?? make();
    memo.set(key, known);
    return known;
  };
  return {
    nodes,
    node,
    constant: (values, shape, dtype = 'float32') =>
      once(`${dtype} ${shape} ${values}`, () => {
        const typed = dtype === 'float32' ? Float32Array.from(values) : Int32Array.from(values);
        return `${node('Const', [], { dtype: attr.type(dtype), value: attr.tensor(typed, shape) })}:0`;
      }),
    handle: (variable, shape) =>
      once(`handle ${variable}`, () => {
        const attributes = {
          dtype: attr.type('float32'),
          shape: attr.shape(shape),
          shared_name: attr.text(variable),
          container: attr.text(''),
        };
        return `${node('VarHandleOp', [], attributes, `variable/${memo.size}`)}:0`;
      }),
  };
}

/** The type attribute of a float kernel. */
export const float: Readonly<Record<string, AttrValue>> = { T: attr.type('float32') };

/** Types of an index argument beside a float one. */
export function indexed(key: string, dtype: DataType = 'int32'): Readonly<Record<string, AttrValue>> {
  return { ...float, [key]: attr.type(dtype) };
}
