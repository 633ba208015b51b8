import { type CreateOptions, createArchitecture } from '@precrop/sdk/architectures/registry';
import type { Architecture } from '@precrop/sdk/ir/architecture';

/** A network whose loss, logits and gradients `make-golden.py` computes. */
export interface GoldenNetwork {
  /** Of `FILE.architecture.json` and `FILE.golden.json`. */
  readonly file: string;
  readonly name: string;
  readonly options: CreateOptions;
}

/** Small enough for a plain JavaScript backend; the second has relu6, the third a max-pool, splits and shuffles. */
export const goldenNetworks: readonly GoldenNetwork[] = [
  { file: 'resnet-20', name: 'resnet-20', options: {} },
  { file: 'mobilenet-v2', name: 'mobilenet-v2-x1.0-cifar', options: {} },
  { file: 'shufflenet-v2', name: 'shufflenet-v2-x0.5', options: { inputSize: 64, classes: 10 } },
];

/** The network's architecture as it is built today. */
export function toArchitecture({ name, options }: GoldenNetwork): Architecture {
  return createArchitecture(name, options);
}
