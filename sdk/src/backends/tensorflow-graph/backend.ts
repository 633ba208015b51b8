import { BackendError, UsageError } from '../../core/errors.js';
import { encodeSavedModel } from '../../graph-def/graph-proto.js';
import { type Graph, toGraph } from '../../graph-def/to-graph.js';
import type { Program } from '../../program/program.js';
import type { Backend, Executable, Feeds, Outputs, Weights } from '../backend.js';
import { checkFeeds } from '../check-feeds.js';
import { type Binding, loadBinding } from './binding.js';
import { probeNativeLibrary } from './probe.js';
import { type Feed, openSession } from './session.js';

/**
 * Writes programs as one TensorFlow graph and runs them in tfjs-node's session: forward, backward and update in a single call,
 * without a call from JavaScript for each operation. `run` blocks the thread while it computes.
 */
export function createTensorflowGraphBackend(): Backend {
  return {
    name: 'tensorflow-graph',
    probe: async () => probeNativeLibrary(),
    async compile(programs) {
      const result = probeNativeLibrary();
      if ('device' in result) return createExecutable(programs, loadBinding());
      throw new BackendError(`The backend tensorflow-graph is ${result.status} on this machine: ${result.reason}`);
    },
  };
}

function createExecutable(programs: readonly Program[], binding: Binding): Executable {
  const byName = new Map(programs.map((program) => [program.name, program]));
  const graph = toGraph(programs);
  const session = openSession(encodeSavedModel(graph.nodes), binding);

  return {
    async run(name, feeds, outputs) {
      const program = byName.get(name);
      const tensors = graph.programs.get(name);
      if (!program || !tensors) throw new UsageError(`There is no program "${name}" here. There are: ${[...byName.keys()].join(', ')}.`);
      const known = Object.keys(tensors.outputs);
      const unknown = outputs?.find((output) => !known.includes(output));
      if (unknown !== undefined)
        throw new UsageError(`Program "${name}" has no output "${unknown}". Its outputs are: ${known.join(', ')}.`);
      const fed = createFeeds(program, feeds, tensors.inputs);
      const names = outputs ?? known;
      const results = session.run(fed, [...names.map((output) => tensors.outputs[output] ?? ''), ...(tensors.done ? [tensors.done] : [])]);
      return Object.fromEntries(names.map((output, index) => [output, results[index]])) as Outputs;
    },
    async readVariables() {
      const names = [...graph.variables.keys()];
      const values = session.run(
        [],
        [...graph.variables.values()].map(({ read }) => read),
      );
      return new Map(names.map((name, index) => [name, values[index] as Float32Array]));
    },
    async writeVariables(weights) {
      if (weights.size === 0) return;
      session.run(
        createWrites(weights, graph),
        [...weights.keys()].map((name) => graph.variables.get(name)?.assigned ?? ''),
      );
    },
    dispose: session.dispose,
  };
}

function createFeeds(program: Program, feeds: Feeds, names: Readonly<Record<string, string>>): readonly Feed[] {
  const batch = checkFeeds(program, feeds);
  return program.inputs.map(({ name, value }) => {
    const { shape = [], dtype } = program.values[value] ?? {};
    const feed = feeds[name] ?? 0;
    const Values = dtype === 'int32' ? Int32Array : Float32Array;
    const values = typeof feed === 'number' ? Values.of(feed) : feed instanceof Values ? feed : Values.from(feed);
    return { tensor: names[name] ?? '', shape: shape.map((extent) => (extent < 0 ? batch : extent)), values };
  });
}

function createWrites(weights: Weights, graph: Graph): readonly Feed[] {
  return [...weights].map(([name, values]) => {
    const tensors = graph.variables.get(name);
    const size = tensors?.shape.reduce((product, extent) => product * extent, 1);
    if (!tensors) throw new UsageError(`There is no variable "${name}" in these programs.`);
    if (size !== values.length)
      throw new UsageError(`Variable "${name}" holds [${tensors.shape.join('x')}] values, but ${values.length} came.`);
    return { tensor: tensors.written, shape: tensors.shape, values };
  });
}
