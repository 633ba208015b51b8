import { ArchitectureError } from '../core/errors.js';
import { createRng, type Rng } from '../core/rng.js';
import type { Architecture } from '../ir/architecture.js';
import type { VariableSpec } from '../ir/lowering.js';
import type { Program } from './program.js';
import { toInference } from './training-step.js';

/** The variables of programs that run on one set of them: each name once. @throws ArchitectureError where shapes contradict. */
export function collectVariables(programs: readonly Program[]): readonly VariableSpec[] {
  const variables = new Map<string, VariableSpec>();
  for (const { name: program, variables: list } of programs) {
    for (const variable of list) {
      const known = variables.get(variable.name);
      if (known && known.shape.join() !== variable.shape.join()) {
        throw new ArchitectureError(
          `Variable "${variable.name}" is [${known.shape.join('x')}] in one program and [${variable.shape.join('x')}] in "${program}".`,
        );
      }
      variables.set(variable.name, known ?? variable);
    }
  }
  return [...variables.values()];
}

/**
 * Those of the weights that the programs' variables need: trained weights hold an optimizer's slots too, which inference has no place for.
 * @throws ArchitectureError where one is missing.
 */
export function selectWeights(programs: readonly Program[], weights: ReadonlyMap<string, Float32Array>): ReadonlyMap<string, Float32Array> {
  return new Map(
    collectVariables(programs).map(({ name }) => {
      const values = weights.get(name);
      if (!values) throw new ArchitectureError(`The weights have no "${name}". They are those of another architecture.`);
      return [name, values];
    }),
  );
}

/** First values of variables, by their initializers. Each depends on the seed and its name alone. */
export function initializeVariables(variables: readonly VariableSpec[], rng: Rng): Map<string, Float32Array> {
  return new Map(variables.map((variable) => [variable.name, initialize(variable, rng.fork(variable.name))]));
}

/** First weights of an architecture: those that training by this seed begins with. Biases are zeros, batch norm's averages 0 and 1. */
export function initializeWeights(architecture: Architecture, seed: number): Map<string, Float32Array> {
  return initializeVariables(collectVariables([toInference(architecture)]), createRng(seed).fork('weights'));
}

function initialize({ shape, initializer }: VariableSpec, rng: Rng): Float32Array {
  const values = new Float32Array(shape.reduce((size, extent) => size * extent, 1));
  switch (initializer.kind) {
    case 'zeros':
      return values;
    case 'ones':
      return values.fill(1);
    case 'he-normal': {
      const deviation = Math.sqrt(2 / initializer.fanIn);
      return values.map(() => deviation * rng.normal());
    }
    case 'fan-in-uniform': {
      const bound = 1 / Math.sqrt(initializer.fanIn);
      return values.map(() => bound * (2 * rng.uniform() - 1));
    }
  }
}
