import type { Shape } from '../../ir/node.js';

/** A layer of the functional API that is applied once. */
export interface Layer {
  readonly name: string;
  /** The class in Keras and in tfjs: `Conv2D`. */
  readonly className: string;
  /** Unchecked where it was read. */
  readonly config: unknown;
  /** Names of the layers that it reads. */
  readonly inputs: readonly string[];
  /** Names of the layers that were merged into this convolution, one a group of channels. */
  readonly groups?: readonly string[];
}

/** A weight's name within its layer, `depthwise_kernel`, with its values, row-major. */
export interface LayerWeight {
  readonly part: string;
  readonly shape: Shape;
  readonly values: Float32Array;
}

export interface WeightedLayer extends Layer {
  readonly config: Readonly<Record<string, unknown>>;
  readonly weights?: readonly LayerWeight[];
}

/** Parts of a batch norm: tfjs' name → ours. In the order in which tfjs lists them. */
export const batchNormParts: ReadonlyMap<string, string> = new Map([
  ['gamma', 'scale'],
  ['beta', 'offset'],
  ['moving_mean', 'moving-mean'],
  ['moving_variance', 'moving-variance'],
]);

/** More parts than any network cuts a value into, or puts together; a file that claims more would cost more memory than it has bytes. */
export const mostParts = 256;
