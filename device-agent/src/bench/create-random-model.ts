import type { Rng } from '@precrop/sdk/core/rng';
import type { Model } from '@precrop/sdk/export/model';
import type { Architecture } from '@precrop/sdk/ir/architecture';
import { toInference } from '@precrop/sdk/program/training-step';
import { initializeVariables } from '@precrop/sdk/program/variables';

/** An untrained model: how long inference takes does not depend on the weights. */
export function createRandomModel(architecture: Architecture, rng: Rng): Model {
  return { architecture, weights: initializeVariables(toInference(architecture).variables, rng), metadata: {} };
}
