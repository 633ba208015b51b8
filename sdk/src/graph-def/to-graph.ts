import type { Program } from '../program/program.js';
import { collectVariables } from '../program/variables.js';
import { attr, type NodeDef } from './graph-proto.js';
import { createGraphWriter, float, type GraphWriter } from './graph-writer.js';
import type { KernelInput } from './kernel.js';
import { kernels } from './kernels.js';

/** Names by which a program is fed and fetched. */
export interface ProgramTensors {
  readonly inputs: Readonly<Record<string, string>>;
  readonly outputs: Readonly<Record<string, string>>;
  /** Fetch it to have all updates done; absent where the program has none. */
  readonly done: string | undefined;
}

export interface Graph {
  readonly nodes: readonly NodeDef[];
  readonly programs: ReadonlyMap<string, ProgramTensors>;
  readonly variables: ReadonlyMap<string, VariableTensors>;
}

/** Fetch `read`; feed `written` and fetch `assigned` to write. */
export interface VariableTensors {
  readonly shape: readonly number[];
  readonly read: string;
  readonly written: string;
  readonly assigned: string;
}

export interface GraphOptions {
  /** Variables that never change, with their values: they become constants of that name instead of resource variables. */
  readonly constants?: ReadonlyMap<string, Float32Array>;
}

/** One graph with all programs, side by side, on one set of resource variables: variables belong to a session. */
export function toGraph(programs: readonly Program[], { constants = new Map() }: GraphOptions = {}): Graph {
  const graph = createGraphWriter();
  const specs = collectVariables(programs);
  const frozen = new Map(
    specs.flatMap(({ name, shape }) => {
      const values = constants.get(name);
      return values ? [[name, addConstant(graph, name, values, shape)]] : [];
    }),
  );
  const variables = new Map(specs.filter(({ name }) => !frozen.has(name)).map(({ name, shape }) => [name, shape]));
  return {
    programs: new Map(programs.map((program) => [program.name, addProgram(graph, program, variables, frozen)])),
    variables: new Map([...variables].map(([name, shape]) => [name, addVariable(graph, name, shape)])),
    nodes: graph.nodes,
  };
}

function addProgram(
  graph: GraphWriter,
  program: Program,
  variables: ReadonlyMap<string, readonly number[]>,
  frozen: ReadonlyMap<string, string>,
): ProgramTensors {
  const tensors: string[] = [];
  const reads = new Map<string, string>();
  for (const { name, value } of program.inputs) {
    const { shape = [], dtype = 'float32' } = program.values[value] ?? {};
    const node = graph.node('Placeholder', [], { dtype: attr.type(dtype), shape: attr.shape(shape) }, `${program.name}/${name}`);
    tensors[value] = `${node}:0`;
  }
  const handle = (variable: string): string => graph.handle(variable, variables.get(variable) ?? []);
  for (const { name, value } of program.variables) {
    if (value === undefined) continue;
    const constant = frozen.get(name);
    if (constant) {
      tensors[value] = constant;
      continue;
    }
    const node = graph.node('ReadVariableOp', [handle(name)], { dtype: attr.type('float32') });
    tensors[value] = `${node}:0`;
    reads.set(name, `^${node}`);
  }

  const shapeTensor = createShapeTensors(graph, program, tensors);
  const updates: string[] = [];
  for (const { kind, inputs, outputs, attributes } of program.operations) {
    const kernel = kernels[kind] as (at: KernelInput<never>) => readonly string[];
    const names = kernel({
      graph,
      inputs: inputs.map((id) => program.values[id] as NonNullable<(typeof program.values)[number]>),
      tensors: inputs.map((id) => tensors[id] ?? ''),
      attributes: attributes as never,
      shapeTensor,
      handle,
      afterRead: (variable) => [reads.get(variable)].filter((name) => name !== undefined),
    });
    if (outputs.length === 0) updates.push(...names);
    outputs.forEach((id, index) => {
      tensors[id] = names[index] ?? '';
    });
  }
  // A session refuses to fetch what it is fed, so an output that is an input goes through an Identity.
  const fed = new Set(program.inputs.map(({ value }) => value));
  const fetched = (value: number): string => {
    const { dtype = 'float32' } = program.values[value] ?? {};
    return fed.has(value) ? `${graph.node('Identity', [tensors[value] ?? ''], { T: attr.type(dtype) })}:0` : (tensors[value] ?? '');
  };
  return {
    inputs: Object.fromEntries(program.inputs.map(({ name, value }) => [name, tensors[value] ?? ''])),
    outputs: Object.fromEntries(Object.entries(program.outputs).map(([name, value]) => [name, fetched(value)])),
    done: updates.length > 0 ? after(graph, updates) : undefined,
  };
}

// Names that TensorFlow would refuse, such as those of other tools' nodes, are left to the writer.
function addConstant(graph: GraphWriter, name: string, values: Float32Array, shape: readonly number[]): string {
  const attributes = { dtype: attr.type('float32'), value: attr.tensor(values, shape) };
  return `${graph.node('Const', [], attributes, legalName.test(name) ? name : undefined)}:0`;
}

const legalName = /^[A-Za-z0-9.][A-Za-z0-9_.\\/>-]*$/;

function addVariable(graph: GraphWriter, name: string, shape: readonly number[]): VariableTensors {
  const handle = graph.handle(name, shape);
  const float32 = { dtype: attr.type('float32') };
  const written = `${graph.node('Placeholder', [], { ...float32, shape: attr.shape(shape) })}:0`;
  // A fed tensor may lie in JavaScript's memory, which a variable must not keep.
  const copy = `${graph.node('DeepCopy', [written], float)}:0`;
  return {
    shape,
    read: `${graph.node('ReadVariableOp', [handle], float32)}:0`,
    written,
    assigned: after(graph, [graph.node('AssignVariableOp', [handle, copy], float32)]),
  };
}

/** A tensor that exists once these nodes have run. */
function after(graph: GraphWriter, nodes: readonly string[]): string {
  return `${graph.node('Identity', [graph.constant([1], []), ...nodes.map((name) => `^${name}`)], float)}:0`;
}

// The batch size is read off the first input that has one; each shape is packed once.
function createShapeTensors(graph: GraphWriter, program: Program, tensors: readonly string[]): (shape: readonly number[]) => string {
  const int32 = attr.type('int32');
  const packed = new Map<string, string>();
  let batch: string | undefined;
  const readBatch = (): string => {
    const input = program.inputs.find(({ value }) => program.values[value]?.shape[0] === -1);
    const source = input ? program.values[input.value] : undefined;
    if (!input || !source) return graph.constant([1], [], 'int32');
    const shape = graph.node('Shape', [tensors[input.value] ?? ''], { T: attr.type(source.dtype), out_type: int32 });
    const bounds = [0, 1, 1].map((value) => graph.constant([value], [1], 'int32'));
    return `${graph.node('StridedSlice', [`${shape}:0`, ...bounds], { T: int32, Index: int32, shrink_axis_mask: attr.int(1) })}:0`;
  };
  return (shape) => {
    if (!shape.includes(-1)) return graph.constant(shape, [shape.length], 'int32');
    const known = packed.get(shape.join());
    if (known) return known;
    batch ??= readBatch();
    const extents = shape.map((extent) => (extent < 0 ? (batch as string) : graph.constant([extent], [], 'int32')));
    const tensor = `${graph.node('Pack', extents, { T: int32, N: attr.int(extents.length), axis: attr.int(0) })}:0`;
    packed.set(shape.join(), tensor);
    return tensor;
  };
}
