import type { Node } from '../ir/architecture.js';

/** What a network is shaped for: `cifar` 32x32x3, 10 classes, a stem of stride 1; `imagenet` 224x224x3, 1000 classes, a stem that shrinks. */
export type Dataset = 'cifar' | 'imagenet';

/** A name, taken apart, with every default filled in. */
export interface ArchitectureName {
  /** The one spelling of this network: `mobilenet-v2`, `mobilenet-v2-x1` and `mobilenet-v2-imagenet` are all `mobilenet-v2-x1.0`. */
  readonly name: string;
  readonly family: string;
  readonly size: string;
  readonly dataset: Dataset;
  /** `-xM`: scales every width. 1 where the family has none. */
  readonly multiplier: number;
  /** `-gK`: groups of the 1x1 convolutions. 1 where the family has none. */
  readonly groups: number;
  /** `-wK`: width of the first stage. 0 where the family has none. */
  readonly baseWidth: number;
}

/** An option that a family's names take. */
export interface Modifier {
  readonly letter: 'x' | 'g' | 'w';
  readonly meaning: string;
  readonly initial: number;
  /** Whether the name shows it even where it is `initial`. */
  readonly shown: boolean;
  /** The values that exist; absent where any positive number does. */
  readonly allowed?: readonly number[];
}

/** A family of networks: how its names read, where it comes from, and how its nodes are made. */
export interface Family {
  readonly family: string;
  readonly sizes: readonly string[];
  /** What a name without a suffix means. */
  readonly dataset: Dataset;
  readonly modifiers: readonly Modifier[];
  readonly source: string;
  /** The published members, whose counts are checked. */
  readonly published: readonly string[];
  /** The nodes; the last one, `head.fc`, writes the logits. */
  readonly build: (name: ArchitectureName, classes: number) => readonly Node[];
}
