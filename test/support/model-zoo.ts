import { createArchitecture, listArchitectures } from '@precrop/sdk/architectures/registry';
import type { Backend, Weights } from '@precrop/sdk/backends/backend';
import { selectBackend } from '@precrop/sdk/backends/registry';
import { createRng, type Rng } from '@precrop/sdk/core/rng';
import { parseWidths } from '@precrop/sdk/crop/parse-widths';
import type { Model } from '@precrop/sdk/export/model';
import type { Architecture } from '@precrop/sdk/ir/architecture';
import { countArchitecture } from '@precrop/sdk/ir/count';
import type { VariableRole } from '@precrop/sdk/ir/lowering';
import { withWidths } from '@precrop/sdk/ir/widths';
import { toInference } from '@precrop/sdk/program/training-step';
import { initializeVariables } from '@precrop/sdk/program/variables';

interface ZooEntry {
  readonly name: string;
  readonly architecture: Architecture;
}

/**
 * Architectures that the registry publishes, and a crop of each: all that take small images, and the smallest of each family that takes large ones;
 * with PRECROP_ZOO=all in the environment every one, which takes twenty minutes a format.
 */
export function listZoo(): readonly ZooEntry[] {
  return listArchitectures()
    .flatMap(({ published }) => selectPublished(published.map((name) => ({ name, architecture: createArchitecture(name) }))))
    .flatMap(({ name, architecture }) => [
      { name, architecture },
      { name: `${name} cropped`, architecture: cropHalf(architecture) },
    ]);
}

function selectPublished(published: readonly ZooEntry[]): readonly ZooEntry[] {
  if (process.env['PRECROP_ZOO'] === 'all') return published;
  const isLarge = ({ architecture }: ZooEntry): boolean => architecture.input[0] > 64;
  const [least] = published
    .filter(isLarge)
    .map((entry) => ({ entry, params: countArchitecture(entry.architecture).params }))
    .filter(({ params }) => params < 30e6) // a VGG is half a gigabyte
    .sort((a, b) => a.params - b.params);
  return published.filter((entry) => !isLarge(entry) || entry === least?.entry);
}

/** Half the width of every group, in multiples of 8 where it allows. */
export function cropHalf(architecture: Architecture): Architecture {
  return withWidths(architecture, parseWidths('0.5', architecture));
}

/** A model of an architecture as if it had been trained: batch norms have statistics, and biases values. */
export function createModel(architecture: Architecture, seed = 0): Model {
  const rng = createRng(seed);
  const { variables } = toInference(architecture);
  const weights = initializeVariables(variables, rng.fork('weights'));
  for (const { name, role } of variables) {
    const draw = draws[role];
    const own = rng.fork(name);
    const values = weights.get(name);
    if (draw && values)
      weights.set(
        name,
        Float32Array.from(values, () => draw(own)),
      );
  }
  return { architecture, weights, metadata: {} };
}

const draws: Partial<Record<VariableRole, (rng: Rng) => number>> = {
  bias: (rng) => 0.1 * rng.normal(),
  scale: (rng) => 0.5 + rng.uniform(),
  offset: (rng) => 0.1 * rng.normal(),
  'moving-mean': (rng) => 0.3 * rng.normal(),
  'moving-variance': (rng) => 0.5 + rng.uniform(),
};

/** Images [n, h, w, c] of noise. */
export function createImages({ input }: Architecture, count: number, seed = 1): Float32Array {
  const rng = createRng(seed);
  return Float32Array.from({ length: count * input.reduce((size, extent) => size * extent, 1) }, () => rng.normal());
}

/** Logits [n, classes] by the best backend of this machine, batch norms unfolded: what every reader of an exported file must give. */
export async function computeLogits({ architecture, weights }: Model, images: Float32Array, chosen?: Backend): Promise<Float32Array> {
  const program = toInference(architecture);
  const backend = chosen ?? (await selectBackend()).backend;
  const executable = await backend.compile([program]);
  try {
    await executable.writeVariables(weights as Weights);
    const { logits } = await executable.run(program.name, { images }, ['logits']);
    return logits as Float32Array;
  } finally {
    executable.dispose();
  }
}
