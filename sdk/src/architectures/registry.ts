import { UsageError } from '../core/errors.js';
import type { Architecture } from '../ir/architecture.js';
import { validateArchitecture } from '../ir/validate.js';
import type { ArchitectureName, Dataset, Family } from './family.js';
import { mobilenetV1 } from './mobilenet-v1.js';
import { mobilenetV2 } from './mobilenet-v2.js';
import { parseName, printGrammar } from './name-grammar.js';
import { cifarResnet, imagenetResnet } from './resnet.js';
import { shufflenetV1 } from './shufflenet-v1.js';
import { shufflenetV2 } from './shufflenet-v2.js';
import { vgg } from './vgg.js';

/** A new family joins by its row here. */
const families: readonly Family[] = [cifarResnet, imagenetResnet, vgg, mobilenetV1, mobilenetV2, shufflenetV1, shufflenetV2];

const shapes: Readonly<Record<Dataset, { readonly inputSize: number; readonly classes: number }>> = {
  cifar: { inputSize: 32, classes: 10 },
  imagenet: { inputSize: 224, classes: 1000 },
};

export interface CreateOptions {
  /** Default 10 for CIFAR, 1000 for ImageNet. */
  readonly classes?: number;
  /** Side of the square RGB image in pixels. Default 32 for CIFAR, 224 for ImageNet. */
  readonly inputSize?: number;
}

/** What `listArchitectures` says of a family. */
export interface ListedFamily extends Omit<Family, 'build'> {
  /** `mobilenet-v2[-xM][-cifar|-imagenet]`. */
  readonly grammar: string;
}

/**
 * `resnet-20`, `mobilenet-v2-x0.5-cifar`, taken apart with all defaults.
 * @throws UsageError that says what exists and which name is closest.
 */
export function parseArchitectureName(text: string): ArchitectureName {
  return parseName(text, families);
}

/**
 * The network of that name, valid. `listArchitectures` has the names.
 * @throws UsageError for an unknown name, or classes or a size that are no whole number of at least 1.
 * @throws ArchitectureError where the image is too small for the network.
 */
export function createArchitecture(name: string, options: CreateOptions = {}): Architecture {
  const parts = parseArchitectureName(name);
  const { inputSize, classes } = { ...shapes[parts.dataset], ...options };
  for (const [option, value] of Object.entries({ inputSize, classes })) {
    if (!Number.isSafeInteger(value) || value < 1) {
      throw new UsageError(`${option} of ${parts.name} is ${value}, but must be a whole number of at least 1.`);
    }
  }
  const family = families.find(({ family, sizes }) => family === parts.family && sizes.includes(parts.size)) as Family;
  const nodes = family.build(parts, classes);
  const architecture: Architecture = { name: parts.name, input: [inputSize, inputSize, 3], classes, nodes, output: 'head.fc' };
  validateArchitecture(architecture);
  return architecture;
}

/** Every family with the grammar of its names, its published members and its source. */
export function listArchitectures(): readonly ListedFamily[] {
  return families.map(({ build: _, ...family }) => ({ ...family, grammar: printGrammar(family) }));
}
