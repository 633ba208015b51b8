import { z } from 'zod';
import { ModelFileError } from '../../core/errors.js';
import { quote } from '../quote.js';
import { checkJson, listOf } from './check-json.js';
import { type Layer, mostParts } from './layer.js';

const mostLayers = 20_000;

// The layer, which of its uses, and which of its outputs.
const first = z.literal(0, { error: 'only layers that are used once can be imported' });
const reference = z.tuple([z.string(), first, first]).rest(z.unknown());
const call = listOf(reference, mostParts);
const layer = z.object({
  class_name: z.string(),
  name: z.string().optional(),
  config: z.unknown(),
  inbound_nodes: listOf(call, 1).default([]),
});
const named = z.object({ name: z.string().min(1) });
const layers = z.array(z.unknown()).max(mostLayers);
const topology = z.object({ class_name: z.enum(['Functional', 'Model', 'Sequential']), config: z.unknown() });
const functional = z.object({
  name: z.string().min(1).default('model'),
  layers,
  output_layers: z.tuple([reference], { error: 'only models with one output can be imported' }),
});
const sequential = z.union([
  layers.transform((list) => ({ name: 'sequential', layers: list })),
  z.object({ name: z.string().min(1).default('sequential'), layers }),
]);

/** The layers of a model, each behind those that it reads. */
export interface Topology {
  readonly name: string;
  readonly layers: readonly Layer[];
  /** The layer that writes the model's output. */
  readonly output: string;
}

/** @throws ModelFileError for a topology that is broken, runs in circles, or uses a layer twice. */
export function readTopology(json: unknown): Topology {
  const { class_name, config } = checkJson(topology, json, 'The model');
  if (class_name === 'Sequential') return readSequential(config);
  const { name, layers, output_layers } = checkJson(functional, config, 'The model');
  const read = layers.map((item, index) => readLayer(item, index, undefined));
  return { name, layers: sortLayers(read), output: output_layers[0][0] };
}

/** Each layer reads the one before; the first one says what the images are, where no layer for them comes before it. */
function readSequential(config: unknown): Topology {
  const { name, layers } = checkJson(sequential, config, 'The model');
  const read: Layer[] = [];
  for (const [index, item] of layers.entries()) {
    const next = readLayer(item, index, read.at(-1)?.name);
    if (index === 0 && next.className !== 'InputLayer') {
      const images = { name: `${next.name}_input`, className: 'InputLayer', config: next.config, inputs: [] };
      read.push(images, { ...next, inputs: [images.name] });
    } else {
      read.push(next);
    }
  }
  return { name, layers: sortLayers(read), output: read.at(-1)?.name ?? '' };
}

function readLayer(json: unknown, index: number, before: string | undefined): Layer {
  const number = `Layer ${index + 1}`;
  const given = (json as { readonly name?: unknown } | null)?.name;
  const what = typeof given === 'string' ? `Layer ${quote(given)}` : number;
  const { class_name: className, name, config, inbound_nodes } = checkJson(layer, json, what);
  return {
    name: name || checkJson(named, config, number).name,
    className,
    config,
    inputs: before === undefined ? (inbound_nodes[0] ?? []).map(([input]) => input) : [before],
  };
}

/** The layers in the order that they have, but each behind those that it reads. */
function sortLayers(layers: readonly Layer[]): readonly Layer[] {
  const byName = new Map(layers.map((layer) => [layer.name, layer]));
  if (byName.size < layers.length) {
    const twice = layers.find((layer) => byName.get(layer.name) !== layer);
    throw new ModelFileError(`Two layers are called ${quote(twice?.name)}. Names of layers must differ.`);
  }
  const sorted = new Set<Layer>();
  const open = new Set<Layer>();
  for (const first of layers) {
    const stack = [first];
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      if (open.has(top) || sorted.has(top)) {
        open.delete(top);
        sorted.add(top);
        stack.pop();
      } else {
        open.add(top);
        for (const input of top.inputs.toReversed()) stack.push(...findWaiting(input, top));
      }
    }
  }
  return [...sorted];

  function findWaiting(name: string, reader: Layer): readonly Layer[] {
    const input = byName.get(name);
    if (!input) throw new ModelFileError(`Layer ${quote(reader.name)} reads ${quote(name)}, which is no layer of the model.`);
    if (open.has(input)) throw new ModelFileError(`Layer ${quote(name)} reads its own output through ${quote(reader.name)}.`);
    return sorted.has(input) ? [] : [input];
  }
}
