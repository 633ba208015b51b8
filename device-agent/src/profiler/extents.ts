import type { DeviceProfile } from '@precrop/sdk/cost/device-profile';
import type { NetworkPool } from './choose-network.js';
import type { Effort } from './time-network.js';

export type Extent = DeviceProfile['extent'];

/** What is measured one after the other. */
export type PartKind = 'rates' | 'engines' | 'sweeps' | 'inference' | 'training' | 'memory';

export interface Part {
  readonly kind: PartKind;
  /** Its share of what time is left for it and all that come after it: what an earlier part did not need, the later ones get. */
  readonly share: number;
}

export interface ExtentPlan {
  /** Of everything, seconds; null: until it gets no better. */
  readonly limitSeconds: number | null;
  /** Of waiting for a steady machine, and again for cores that its host has moved. */
  readonly mostWaitSeconds: number;
  readonly parts: readonly Part[];
  /** Whether every runtime that works here is tried, or only the one that is thought to be the fastest. */
  readonly triesAllRuntimes: boolean;
  readonly inference: readonly NetworkPool[];
  readonly training: readonly NetworkPool[];
  readonly effort: { readonly inference: Effort; readonly training: Effort };
}

/** One of each family at the size of CIFAR-10's images, where a device is asked for most. */
const mainNetworks = ['resnet-20', 'mobilenet-v2-x1.0-cifar', 'shufflenet-v2-x1.0-cifar', 'vgg-11'] as const;
const moreNetworks = ['resnet-56', 'mobilenet-v1-x1.0-cifar', 'shufflenet-v1-g3-cifar', 'resnet-18-cifar'] as const;
const imagenetNetworks = ['mobilenet-v2-x1.0', 'resnet-50', 'resnet-18', 'shufflenet-v2-x1.0'] as const;

const poolOf = (networks: readonly string[], weight: number, batches: readonly number[], ragged = 0): readonly NetworkPool[] =>
  networks.map((network) => ({ network, weight, batches, ragged }));

const inferencePool = [
  ...poolOf(mainNetworks, 1, [1, 8], 0.1),
  ...poolOf(moreNetworks, 0.15, [1, 8]),
  ...poolOf(imagenetNetworks, 0.12, [1]),
];
const trainingPool = poolOf(mainNetworks, 1, [64]);

const efforts: ExtentPlan['effort'] = {
  inference: { blockMs: 8, leastBlocks: 8, budgetMs: 120, targetError: 0.015 },
  training: { blockMs: 8, leastBlocks: 8, budgetMs: 400, targetError: 0.02 },
};

export const extentPlans: Readonly<Record<Extent, ExtentPlan>> = {
  quick: {
    limitSeconds: 15,
    mostWaitSeconds: 1.5,
    parts: [
      { kind: 'rates', share: 1 },
      { kind: 'engines', share: 1.5 },
      { kind: 'memory', share: 2 },
      { kind: 'inference', share: 3 },
      { kind: 'training', share: 5 },
    ],
    triesAllRuntimes: false,
    inference: inferencePool.filter(({ weight }) => weight === 1),
    training: trainingPool,
    effort: efforts,
  },
  default: {
    limitSeconds: 60,
    mostWaitSeconds: 5,
    parts: [
      { kind: 'rates', share: 1.5 },
      { kind: 'engines', share: 4 },
      { kind: 'sweeps', share: 4 },
      { kind: 'memory', share: 6 },
      { kind: 'inference', share: 14 },
      { kind: 'training', share: 30 },
    ],
    triesAllRuntimes: true,
    inference: inferencePool,
    training: trainingPool,
    effort: efforts,
  },
  deep: {
    limitSeconds: null,
    mostWaitSeconds: 30,
    parts: [
      { kind: 'rates', share: 4 },
      { kind: 'engines', share: 15 },
      { kind: 'sweeps', share: 8 },
      { kind: 'memory', share: 20 },
      { kind: 'inference', share: 40 },
      { kind: 'training', share: 60 },
    ],
    triesAllRuntimes: true,
    inference: [
      ...poolOf(mainNetworks, 1, [1, 8], 0.2),
      ...poolOf(moreNetworks, 0.4, [1, 8, 32], 0.2),
      ...poolOf(mainNetworks, 0.2, [2, 32]),
      ...poolOf(imagenetNetworks, 0.4, [1]),
    ],
    training: [...poolOf(mainNetworks, 1, [64], 0.2), ...poolOf(mainNetworks, 0.2, [32, 128]), ...poolOf(moreNetworks, 0.3, [64])],
    effort: {
      inference: { blockMs: 15, leastBlocks: 8, budgetMs: 500, targetError: 0.01 },
      training: { blockMs: 30, leastBlocks: 8, budgetMs: 1500, targetError: 0.01 },
    },
  },
};

/** The same for these networks alone. */
export function selectNetworks(plan: ExtentPlan, networks: readonly string[]): ExtentPlan {
  return { ...plan, inference: poolOf(networks, 1, [1, 8]), training: poolOf(networks, 1, [64]) };
}
