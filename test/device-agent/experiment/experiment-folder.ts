import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CellSetting } from '@precrop/device-agent/experiment/run-cell';
import { createArchitecture } from '@precrop/sdk/architectures/registry';
import { syntheticSetting } from './synthetic-results.js';

/** A folder that is gone after the test. */
export async function withExperimentFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'precrop-experiment-'));
  try {
    await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What the synthetic setting comes of. */
export const cellSetting: CellSetting = {
  architecture: createArchitecture('resnet-20'),
  dataset: syntheticSetting.dataset,
  recipe: { ...syntheticSetting.recipe, seed: 0 },
  backend: syntheticSetting.backend,
  align: syntheticSetting.align,
  runsDirectory: 'runs',
  threads: 1,
};
