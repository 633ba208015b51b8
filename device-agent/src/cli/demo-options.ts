import { createArchitecture } from '@precrop/sdk/architectures/registry';
import { defaultRecipe } from '@precrop/sdk/train/recipe';
import { loadHost } from '../host/host.js';
import type { DemoOptions } from '../jobs/demo.js';
import { resolveBackend } from '../setup/probe-backend.js';
import type { Session } from './command-line.js';

/** As commander gives them. */
export interface DemoCommandOptions {
  readonly arch: string;
  readonly macs: number;
  readonly data: string;
  readonly full?: boolean;
  readonly epochs?: number;
  readonly seed: number;
  readonly runs: string;
  readonly output: string;
}

/** By default a part of the images, so that it ends within minutes on two cores; in full the recipe of the README's accuracy. */
export const shortDemo = { epochs: 6, trainImages: 10_000, testImages: 2_000 } as const;

/** What the demo is asked to do on this machine. @throws as `createArchitecture` and `resolveBackend` do. */
export async function toDemoOptions(options: DemoCommandOptions, { context }: Session): Promise<DemoOptions> {
  const { arch, macs = 0.25, data, full = false, seed, runs } = options;
  const architecture = createArchitecture(arch);
  const [host, { asked, used, version }] = await Promise.all([loadHost(), resolveBackend('auto', context)]);
  const images = full ? {} : { trainImages: shortDemo.trainImages, testImages: shortDemo.testImages };
  return {
    architecture,
    density: 'synexp',
    budget: { macs },
    align: 8,
    dataset: { name: data, ...images, seed },
    recipe: { ...defaultRecipe, seed, epochs: options.epochs ?? (full ? defaultRecipe.epochs : shortDemo.epochs) },
    backend: { asked, used, version },
    runsDirectory: runs,
    host,
  };
}
