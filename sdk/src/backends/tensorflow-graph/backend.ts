import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { BackendError, UsageError } from '../../core/errors.js';
import { encodeSavedModel, type NodeDef } from '../../graph-def/graph-proto.js';
import { type Graph, toGraph } from '../../graph-def/to-graph.js';
import type { Program } from '../../program/program.js';
import type { Backend, Executable, Feeds, Outputs, Probe, Weights } from '../backend.js';
import { checkFeeds } from '../check-feeds.js';
import { type Binding, loadBinding } from './binding.js';

/**
 * Writes programs as one TensorFlow graph and runs them in tfjs-node's session: forward, backward and update in a single call,
 * without a call from JavaScript for each operation. `run` blocks the thread while it computes.
 */
export function createTensorflowGraphBackend(): Backend {
  return {
    name: 'tensorflow-graph',
    probe: async () => probe(),
    async compile(programs) {
      const result = probe();
      if ('device' in result) return createExecutable(programs, loadBinding());
      throw new BackendError(`The backend tensorflow-graph is ${result.status} on this machine: ${result.reason}`);
    },
  };
}

function probe(): Probe {
  if (process.env['PRECROP_NATIVE'] === 'off')
    return { status: 'absent', reason: 'The native library is switched off (PRECROP_NATIVE=off).' };
  try {
    const { TF_Version: version } = loadBinding();
    return { status: 'ready', device: cpus()[0]?.model.trim() ?? 'CPU', version: `TensorFlow ${version}` };
  } catch (error) {
    const [line = ''] = (error as Error).message.split('\n');
    return { status: 'absent', reason: `The native library cannot be loaded: ${line.trim()}` };
  }
}

function createExecutable(programs: readonly Program[], binding: Binding): Executable {
  const byName = new Map(programs.map((program) => [program.name, program]));
  const graph = toGraph(programs);
  let session: number | undefined = loadGraph(graph.nodes, binding);

  const run = (feeds: readonly (readonly [string, number])[], fetches: readonly string[]): Float32Array[] => {
    if (session === undefined) throw new BackendError('This executable was disposed. Compile the programs again.');
    const tensors = feeds.map(([, id]) => id);
    try {
      const results = binding.runSavedModel(session, tensors, feeds.map(([name]) => name).join(), fetches.join());
      return results.map(({ id }) => {
        const values = binding.tensorDataSync(id) as Float32Array;
        binding.deleteTensor(id);
        return values;
      });
    } finally {
      for (const id of tensors) binding.deleteTensor(id);
    }
  };

  return {
    async run(name, feeds, outputs) {
      const program = byName.get(name);
      const tensors = graph.programs.get(name);
      if (!program || !tensors) throw new UsageError(`There is no program "${name}" here. There are: ${[...byName.keys()].join(', ')}.`);
      const known = Object.keys(tensors.outputs);
      const unknown = outputs?.find((output) => !known.includes(output));
      if (unknown !== undefined)
        throw new UsageError(`Program "${name}" has no output "${unknown}". Its outputs are: ${known.join(', ')}.`);
      const fed = createFeeds(program, feeds, tensors.inputs, binding);
      const names = outputs ?? known;
      const results = run(fed, [...names.map((output) => tensors.outputs[output] ?? ''), ...(tensors.done ? [tensors.done] : [])]);
      return Object.fromEntries(names.map((output, index) => [output, results[index]])) as Outputs;
    },
    async readVariables() {
      const names = [...graph.variables.keys()];
      const values = run(
        [],
        [...graph.variables.values()].map(({ read }) => read),
      );
      return new Map(names.map((name, index) => [name, values[index] as Float32Array]));
    },
    async writeVariables(weights) {
      if (weights.size === 0) return;
      run(
        createWrites(weights, graph, binding),
        [...weights.keys()].map((name) => graph.variables.get(name)?.assigned ?? ''),
      );
    },
    dispose() {
      if (session !== undefined) binding.deleteSavedModel(session);
      session = undefined;
    },
  };
}

function createFeeds(
  program: Program,
  feeds: Feeds,
  names: Readonly<Record<string, string>>,
  binding: Binding,
): readonly (readonly [string, number])[] {
  const batch = checkFeeds(program, feeds);
  return program.inputs.map(({ name, value }) => {
    const { shape = [], dtype } = program.values[value] ?? {};
    const feed = feeds[name] ?? 0;
    const values = typeof feed === 'number' ? Float32Array.of(feed) : feed;
    const extents = shape.map((extent) => (extent < 0 ? batch : extent));
    return [names[name] ?? '', binding.createTensor(extents, dtype === 'int32' ? binding.TF_INT32 : binding.TF_FLOAT, values)];
  });
}

function createWrites(weights: Weights, graph: Graph, binding: Binding): readonly (readonly [string, number])[] {
  const checked = [...weights].map(([name, values]) => {
    const tensors = graph.variables.get(name);
    const size = tensors?.shape.reduce((product, extent) => product * extent, 1);
    if (!tensors) throw new UsageError(`There is no variable "${name}" in these programs.`);
    if (size !== values.length)
      throw new UsageError(`Variable "${name}" holds [${tensors.shape.join('x')}] values, but ${values.length} came.`);
    return { tensors, values };
  });
  return checked.map(({ tensors, values }) => [tensors.written, binding.createTensor(tensors.shape, binding.TF_FLOAT, values)]);
}

// tfjs-node loads graphs from a folder only.
function loadGraph(nodes: readonly NodeDef[], binding: Binding): number {
  const directory = mkdtempSync(join(tmpdir(), 'precrop-graph-'));
  try {
    writeFileSync(join(directory, 'saved_model.pb'), encodeSavedModel(nodes));
    return binding.loadSavedModel(directory, 'serve');
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
